import { z } from 'zod';

/** A time of the API. */
export const timeMs = z.number().describe('Unix time in milliseconds');
/** How many of something. */
export const count = z.int().nonnegative();
