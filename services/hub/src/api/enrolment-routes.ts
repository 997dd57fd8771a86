import { FaultError } from '@meridian/runtime';
import { z } from 'zod';
import type { ApiPorts } from './ports.ts';
import { route } from './route.ts';
import type { Route } from './route.ts';
import { nameSchema } from './schemas.ts';

const minuteMs = 60_000;

/** Lets the agent of a cluster enrol, once. */
export function enrolmentRoutes({ enrol }: Pick<ApiPorts, 'enrol'>): Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1/clusters/{name}/enrolment',
      summary:
        'Makes a one-time token with which the agent of a cluster gets a certificate; an earlier one of the cluster is good no more. Hubs keep its hash only',
      params: z.object({ name: nameSchema }),
      body: z.strictObject({
        forMs: z
          .int()
          .min(minuteMs)
          .max(24 * 60 * minuteMs)
          .describe('How long the token is good, from now'),
      }),
      answer: z.object({
        cluster: nameSchema,
        token: z.string().describe('Shown here and never again'),
        expiresAtMs: z.number(),
      }),
      handle: ({ params, body, who }) => {
        if (enrol === undefined)
          throw new FaultError(
            'unsupported',
            'agents cannot enrol at this hub: give it MERIDIAN_ENROLMENT_ADDRESS and MERIDIAN_LINK_AUTHORITY_KEY_FILE',
            { retry: 'never' },
          );
        return enrol({ cluster: params.name, forMs: body.forMs, author: who.name });
      },
    }),
  ];
}
