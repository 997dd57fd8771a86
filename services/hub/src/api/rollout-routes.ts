import { z } from 'zod';
import type { ApiPorts } from './ports.ts';
import { found, route } from './route.ts';
import type { Route } from './route.ts';
import { rolloutVerbSchema } from './rollout-schema.ts';
import { digestSchema, nameSchema } from './schemas.ts';

const commandTimeoutMs = 10_000;
/** A rollback may have to render a release of the past again. */
const rollbackTimeoutMs = 75_000;
const answer = z.object({ reason: z.string().describe('What the rollout does now, and why') });

/** What a person asks of a rollout; the ledger keeps who and why. */
export function rolloutRoutes({ command, reader }: Pick<ApiPorts, 'command' | 'reader'>): Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1/applications/{name}/rollout/{verb}',
      summary:
        'start: what git says, when it waits for that or was left; pause and resume: stand still; abort: give up, clusters keep what they have; promote: skip the rest of a soak; breakGlass: push outside of windows; retry: another deadline for failed clusters, another try of a failed gate; approve and reject: what a gate of people waits for; rollback: back to a release that completed. Who means a release that it is not about any more is refused',
      params: z.object({ name: nameSchema, verb: rolloutVerbSchema }),
      body: z.strictObject({
        release: digestSchema.describe(
          'The release that the rollout is about; of a start, the one that git says',
        ),
        reason: z.string().trim().min(1).max(500),
        to: digestSchema
          .exactOptional()
          .describe('Of a rollback: one of `kept`; the newest other one when left out'),
        gate: nameSchema
          .exactOptional()
          .describe('Of approve and reject: which gate; the one that waits for people when left out'),
      }),
      answer,
      handle: async ({ params, body, who }) => {
        found(reader.application(params.name), `application ${params.name}`);
        const asked = {
          kind: 'askRollout',
          application: params.name,
          verb: params.verb,
          author: who.name,
          roles: who.roles,
          identities: who.identities,
          ...body,
        } as const;
        const timeoutMs = params.verb === 'rollback' ? rollbackTimeoutMs : commandTimeoutMs;
        return answer.parse(await command(asked, timeoutMs));
      },
    }),
  ];
}
