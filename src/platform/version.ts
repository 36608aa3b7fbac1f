/** The version of package.json, which a Worker cannot read; a test compares. Shown only to those who may read. */
export const VERSION = '1.0.0'
