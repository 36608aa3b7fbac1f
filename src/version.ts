/** Of package.json, which a Worker does not have at hand; a test compares. Only for whoever may read. */
export const VERSION = '0.1.0'
