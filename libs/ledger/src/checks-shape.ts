import { checkLimits, checkTimes } from '@meridian/fleet';
import type { Check, JobCheck } from '@meridian/fleet';
import { z } from 'zod';

const common = {
  id: z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/),
  when: z.enum(checkTimes),
};

const jobSpec = z.custom<JobCheck['spec']>(
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    isShallow(value, checkLimits.specDepth) &&
    JSON.stringify(value).length <= checkLimits.specChars,
);

/** What walks through a value later must not run out of stack. */
function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((one) => isShallow(one, levels - 1));
}

const checkShape = z.discriminatedUnion('kind', [
  z.object({
    ...common,
    kind: z.literal('metric'),
    source: z.string().min(1).max(63),
    query: z.string().min(1).max(checkLimits.queryChars),
    intervalMs: z.number().int().min(checkLimits.minIntervalMs).max(checkLimits.maxIntervalMs),
  }),
  z.object({
    ...common,
    kind: z.literal('job'),
    spec: jobSpec,
    timeoutMs: z.number().int().min(checkLimits.minTimeoutMs).max(checkLimits.maxTimeoutMs),
  }),
]);

/**
 * The checks of an assignment that can be read. Others are left out, as are those beyond the bound and the second of one id: a
 * check of a later version must not keep this one from running what is assigned. What is left out is never reported, so that
 * nobody takes it for good.
 */
export const checksShape = z.unknown().transform(readableChecks);

function readableChecks(value: unknown): readonly Check[] {
  if (!Array.isArray(value)) return [];
  const readable = new Map<string, Check>();
  for (const one of value.slice(0, checkLimits.perAssignment)) {
    const { data } = checkShape.safeParse(one);
    if (data && !readable.has(data.id)) readable.set(data.id, data);
  }
  return [...readable.values()];
}
