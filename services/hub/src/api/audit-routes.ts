import type { AuditEntry } from '@meridian/fleet';
import { z } from 'zod';
import type { ApiPorts } from './ports.ts';
import { route } from './route.ts';
import type { Route } from './route.ts';
import { timeMs } from './scalars.ts';
import { nameSchema } from './schemas.ts';

const readTimeoutMs = 10_000;

const entrySchema = z.object({
  sequence: z.int().describe('Its place in the ledger; grows with time'),
  atMs: timeMs,
  author: z.string(),
  action: z
    .string()
    .describe('A verb of rollouts, or approveDeletions, hold, releaseHold, pauseInCluster, resumeInCluster'),
  reason: z.string(),
  application: z.string().exactOptional(),
  cluster: z.string().exactOptional(),
  project: z.string().exactOptional(),
  release: z.string().exactOptional().describe('The release that was meant'),
  to: z.string().exactOptional().describe('Of a rollback: where to'),
  untilMs: timeMs.exactOptional(),
}) satisfies z.ZodType<AuditEntry>;

/** Who asked for what, when and why. */
export function auditRoutes({ audit }: Pick<ApiPorts, 'audit'>): Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/audit',
      summary:
        'What people asked for and was done, the newest first, from the ledger: of each application, cluster and hold the last 64 words. What was refused is not in it',
      query: z.object({
        application: nameSchema.optional(),
        limit: z.coerce
          .number()
          .int()
          .min(1)
          .max(1_000)
          .default(100)
          .describe('How many at most, up to 1000'),
        before: z.coerce
          .number()
          .int()
          .min(1)
          .optional()
          .describe('Only entries before this sequence: that of the last one of the page before'),
      }),
      answer: z.array(entrySchema),
      handle: ({ query, signal }) =>
        audit(query, AbortSignal.any([signal, AbortSignal.timeout(readTimeoutMs)])),
    }),
  ];
}
