/** The version in package.json, which a Worker cannot read; a test compares them. Only readers with a token see it. */
export const VERSION = '1.0.0'
