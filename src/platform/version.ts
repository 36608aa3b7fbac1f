/** Of package.json, which a Worker does not have at hand; a test compares. Only for whoever may read. */
export const VERSION = '1.0.0'
