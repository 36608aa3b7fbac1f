/** Stands for the origin of the receiver in the built page, which is the same for all receivers. */
export const ORIGIN = '__ORIGIN__'
