import { z } from 'zod';

const labelValue = z.string().regex(/^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/);
const labelKey = z
  .string()
  .regex(/^(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/);

/** Labels of a cluster or an application. */
export const labels = z.record(labelKey, labelValue).describe('Labels; selectors match on them.');

const requirement = z.union([
  z.strictObject({ key: labelKey, operator: z.enum(['In', 'NotIn']), values: z.array(labelValue).min(1) }),
  z.strictObject({
    key: labelKey,
    operator: z.enum(['Exists', 'DoesNotExist']),
    values: z.array(labelValue).max(0).optional(),
  }),
]);

/** What selects by labels. */
export const selector = z
  .strictObject({ matchLabels: labels.optional(), matchExpressions: z.array(requirement).optional() })
  .describe('Label selector with the meaning of Kubernetes; {} selects every cluster.');
