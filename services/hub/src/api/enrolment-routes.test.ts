import { expect, it } from 'vitest';
import { enrolmentRoutes } from './enrolment-routes.ts';
import type { ApiPorts } from './ports.ts';

const { signal } = new AbortController();

function routeWith(enrol: ApiPorts['enrol']) {
  const [route] = enrolmentRoutes({ enrol });
  if (route === undefined) throw new Error('there is one route');
  const ask = (body: unknown) =>
    route.handle({
      params: { name: 'east' },
      query: {},
      body,
      who: { name: 'bob', roles: [], identities: [] },
      signal,
    });
  return { route, ask };
}

it('gives the desk which cluster, for how long and who asks, and the token back', async () => {
  const asked: object[] = [];
  const answer = { cluster: 'east', token: 'enrol_secret', expiresAtMs: 9 };
  const { route, ask } = routeWith(async (one) => {
    asked.push(one);
    return answer;
  });
  expect(await ask({ forMs: 60_000 })).toEqual(answer);
  expect(asked).toEqual([{ cluster: 'east', forMs: 60_000, author: 'bob' }]);
  expect(route.answer.safeParse(answer).success).toBe(true);
});

it('takes a time from a minute to a day, and no token of the caller', () => {
  const { route } = routeWith(undefined);
  expect(route.body?.safeParse({ forMs: 86_400_000 }).success).toBe(true);
  for (const body of [{}, { forMs: 59_999 }, { forMs: 86_400_001 }, { forMs: 60_000, token: 'mine' }])
    expect(route.body?.safeParse(body).success).toBe(false);
});

it('says what the hub lacks when agents cannot enrol there', async () => {
  const { ask } = routeWith(undefined);
  await expect(ask({ forMs: 60_000 })).rejects.toThrow('MERIDIAN_ENROLMENT_ADDRESS');
});
