import { z } from 'zod';
import { durationToMs } from './duration.ts';
import { serviceAccountPattern } from './service-account.ts';
import { ignoreRulesSchema, toIgnoreRules } from './ignore-rule-schema.ts';
import type { RetryRules, SyncRules } from './sync-rules.ts';

const wait = z.string().regex(/^(?=.*[1-9])(?:\d{1,7}(?:\.\d{1,3})?(?:ms|s|m|h)){1,4}$/);
const name = z
  .string()
  .regex(/^(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/);
// The agent tells its objects by a label of its own, and annotations of this name are instructions to it.
const isForUsers = (named: { readonly [name: string]: string }): boolean =>
  Object.keys(named).every((key) => !key.startsWith('meridian.dev/'));
const notForUsers = 'names of meridian.dev are set by Meridian alone';
const labelValue = z.string().regex(/^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/);

/** The fields of `syncPolicy` that say how objects are applied. */
export const syncRulesShape = {
  replaceImmutable: z
    .boolean()
    .optional()
    .describe(
      'Delete objects and make them again when fields of theirs cannot be changed, once a dry run has proved that they would be accepted. Default false.',
    ),
  namespaceMetadata: z
    .strictObject({
      labels: z
        .record(name, labelValue)
        .refine(isForUsers, notForUsers)
        .optional()
        .describe('Labels of the namespace.'),
      annotations: z
        .record(name, z.string().max(32_768))
        .refine(isForUsers, notForUsers)
        .optional()
        .describe('Annotations of the namespace.'),
    })
    .optional()
    .describe('What the namespace is given and kept to; needs createNamespace.'),
  retry: z
    .strictObject({
      first: wait.optional().describe('The wait before the first retry. Default 500ms.'),
      factor: z
        .number()
        .min(1)
        .max(10)
        .optional()
        .describe('How many times as long each further wait is. Default 2.'),
      cap: wait.optional().describe('The longest wait. Default 20s.'),
      limit: z
        .number()
        .int()
        .min(1)
        .max(1_000)
        .optional()
        .describe('After so many tries each further wait is the longest. Default: as the factor has it.'),
    })
    .optional()
    .describe('When what failed is tried again. It is tried for as long as the assignment stands.'),
  serviceAccount: z
    .string()
    .regex(serviceAccountPattern)
    .optional()
    .describe(
      'Service account by whose rights the objects are written: NAME in the namespace of the application, or NAMESPACE/NAME. Each cluster says which ones it allows. Default: what the cluster has for applications that name none.',
    ),
  ignoreDifferences: ignoreRulesSchema.optional(),
  respectIgnoreDifferences: z
    .boolean()
    .optional()
    .describe(
      'Leave the fields of ignoreDifferences as they are also when the object is written. Default false: they are written with it.',
    ),
} as const;

type SyncRulesDocument = z.infer<z.ZodObject<typeof syncRulesShape>>;

/** The rules in a valid `syncPolicy`; undefined when everything is as usual. */
export function toSyncRules({
  replaceImmutable,
  namespaceMetadata,
  retry,
  serviceAccount,
  ignoreDifferences,
  respectIgnoreDifferences,
}: SyncRulesDocument): SyncRules | undefined {
  const rules: SyncRules = {
    ...(replaceImmutable === true ? { replaceImmutable } : {}),
    ...(namespaceMetadata
      ? {
          namespaceMetadata: {
            labels: namespaceMetadata.labels ?? {},
            annotations: namespaceMetadata.annotations ?? {},
          },
        }
      : {}),
    ...(retry ? { retry: toRetryRules(retry) } : {}),
    ...(serviceAccount === undefined ? {} : { serviceAccount }),
    ...(ignoreDifferences ? { ignoreDifferences: toIgnoreRules(ignoreDifferences) } : {}),
    ...(respectIgnoreDifferences === true ? { respectIgnoreDifferences } : {}),
  };
  return Object.keys(rules).length === 0 ? undefined : rules;
}

function toRetryRules({
  first = '500ms',
  factor = 2,
  cap = '20s',
  limit,
}: NonNullable<SyncRulesDocument['retry']>): RetryRules {
  const firstMs = durationToMs(first) ?? 500;
  // A first wait above the cap means a constant wait.
  const capMs = Math.max(firstMs, durationToMs(cap) ?? 60_000);
  return { firstMs, factor, capMs, ...(limit === undefined ? {} : { limit }) };
}
