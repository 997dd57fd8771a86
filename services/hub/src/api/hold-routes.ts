import { holdScopes, longestHoldMs } from '@meridian/fleet';
import { z } from 'zod';
import type { ApiPorts } from './ports.ts';
import { route } from './route.ts';
import type { Route } from './route.ts';
import { nameSchema } from './schemas.ts';

const commandTimeoutMs = 10_000;
const what = {
  scope: z.enum(holdScopes),
  name: nameSchema.exactOptional().describe('Of what; the fleet has none'),
  reason: z.string().trim().min(1).max(500),
};
const answer = z.object({ reason: z.string() });

/** Holds pushes, and releases what is held; the ledger keeps who and why. `GET /v1/fleet` lists what is held. */
export function holdRoutes({ command }: Pick<ApiPorts, 'command'>): Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1/holds',
      summary:
        'Holds every push of the fleet, of a project, of an application, or to a cluster; what was assigned goes on, and agents go on healing. A hold that is there already is replaced',
      body: z.strictObject({
        ...what,
        forMs: z
          .int()
          .min(1_000)
          .max(longestHoldMs)
          .exactOptional()
          .describe('How long, from now; until it is released when left out'),
      }),
      answer,
      handle: async ({ body: { name = '', ...body }, who }) =>
        answer.parse(await command({ kind: 'hold', name, author: who.name, ...body }, commandTimeoutMs)),
    }),
    route({
      method: 'POST',
      path: '/v1/holds/release',
      summary: 'Releases what is held; who waits goes on',
      body: z.strictObject(what),
      answer,
      handle: async ({ body: { name = '', ...body }, who }) =>
        answer.parse(
          await command({ kind: 'releaseHold', name, author: who.name, ...body }, commandTimeoutMs),
        ),
    }),
  ];
}
