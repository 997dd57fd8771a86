import { z } from 'zod';

/** A relative path inside the fleet repo. */
export const repoPath = z
  .string()
  .min(1)
  .max(1024)
  .regex(/^(?!\/)(?!(?:.*\/)?\.\.(?:\/|$))[^\\\0]+$/);
