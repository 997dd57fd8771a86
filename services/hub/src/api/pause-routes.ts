import { longestPauseMs } from '@meridian/fleet';
import { z } from 'zod';
import type { ApiPorts, PauseCommand } from './ports.ts';
import { route } from './route.ts';
import type { Route } from './route.ts';
import { nameSchema } from './schemas.ts';

const commandTimeoutMs = 10_000;
const reason = z.string().trim().min(1).max(500);
const named = z.object({ name: nameSchema });
const answer = z.object({ reason: z.string() });

/** Stops one application in one cluster for a bounded time, and lets it go on. */
export function pauseRoutes({ command }: Pick<ApiPorts, 'command'>): Route[] {
  const ask = async (asked: PauseCommand) => answer.parse(await command(asked, commandTimeoutMs));
  return [
    route({
      method: 'POST',
      path: '/v1/applications/{name}/pause',
      summary:
        'Stops an application in one cluster for a bounded time: nothing is written, healed or deleted there, drift is reported; the ledger keeps who and why',
      params: named,
      body: z.strictObject({
        cluster: nameSchema,
        forMs: z
          .int()
          .min(1_000)
          .max(longestPauseMs)
          .describe('How long, from now; the agent ends it by itself'),
        reason,
      }),
      answer,
      handle: ({ params, body, who }) =>
        ask({ kind: 'pause', application: params.name, author: who.name, ...body }),
    }),
    route({
      method: 'POST',
      path: '/v1/applications/{name}/resume',
      summary: 'Ends a pause of an application in one cluster before its time; the ledger keeps who and why',
      params: named,
      body: z.strictObject({ cluster: nameSchema, reason }),
      answer,
      handle: ({ params, body, who }) =>
        ask({ kind: 'resume', application: params.name, author: who.name, ...body }),
    }),
  ];
}
