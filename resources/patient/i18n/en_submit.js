/**
 * The words of the submission page in English.
 */

/** @type {Record<string, string>} */
export const submitWords = {};
