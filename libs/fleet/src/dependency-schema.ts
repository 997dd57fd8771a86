import { z } from 'zod';
import { dependencyScopes } from './dependency.ts';
import { namePattern } from './names.ts';

const dependency = z.strictObject({
  application: z.string().regex(namePattern).describe('Name of another Application of the fleet repo.'),
  scope: z
    .enum(dependencyScopes)
    .optional()
    .describe(
      'cluster: it has to be healthy in the cluster that is pushed to. fleet: its rollout has to be completed, and it healthy in all of its clusters. Default cluster.',
    ),
});

/** What an application waits for before it is pushed. */
export const dependsOnSchema = z
  .array(dependency)
  .max(32)
  .refine((all) => new Set(all.map(({ application }) => application)).size === all.length, {
    message: 'must not name an application twice',
  });
