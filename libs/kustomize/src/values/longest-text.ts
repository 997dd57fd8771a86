/**
 * The longest text, in UTF-16 units, that steps of a build put together from others: four times what one file of today's
 * largest definitions holds. Beyond it a few lines that double a text would take all memory, and the process with it.
 */
export const longestText = 16 * 1024 * 1024;
