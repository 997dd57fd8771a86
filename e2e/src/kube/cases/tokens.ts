import { textAt } from '../body.ts';
import { sampleOf } from '../objects.ts';
import type { ContractCase, Session } from '../session.ts';

const accounts = '/api/v1/namespaces/{ns}/serviceaccounts';
const whoAmI = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
const reviews = '/apis/authentication.k8s.io/v1/tokenreviews';
const question = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };

const request = (spec: object = {}, metadata: object = {}) => ({
  apiVersion: 'authentication.k8s.io/v1',
  kind: 'TokenRequest',
  metadata,
  spec,
});

const review = (token: string, audiences?: readonly string[]) => ({
  apiVersion: 'authentication.k8s.io/v1',
  kind: 'TokenReview',
  spec: { token, ...(audiences === undefined ? {} : { audiences }) },
});

async function tokenFor(session: Session, spec: object = {}): Promise<string> {
  await session.attempt('POST', accounts, sampleOf('ServiceAccount').make(session.namespace));
  const answer = await session.prepare('POST', `${accounts}/sample/token`, request(spec));
  return textAt(answer.body, 'status.token');
}

const asked = (title: string, spec: object, metadata: object = {}): ContractCase => ({
  title: `tokens: ${title}`,
  async run(session) {
    await session.prepare('POST', accounts, sampleOf('ServiceAccount').make(session.namespace));
    await session.ask('POST', `${accounts}/sample/token`, request(spec, metadata));
  },
});

/** Tokens of service accounts: who gets them, what they say and when they end. */
export const tokenCases: readonly ContractCase[] = [
  asked('for an hour', {}),
  asked('for as long as asked', { expirationSeconds: 7200 }),
  asked('for too short', { expirationSeconds: 10 }),
  asked('for too long', { expirationSeconds: 5_000_000_000 }),
  asked('for others than the server', { audiences: ['vault', 'https://kubernetes.default.svc'] }),
  asked('of another account', {}, { name: 'other' }),
  asked('of another namespace', {}, { namespace: 'other' }),
  asked('bound to a pod that is not there', { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'none' } }),
  asked('bound to what nobody is bound to', { boundObjectRef: { apiVersion: 'v1', kind: 'ConfigMap', name: 'a' } }),
  {
    title: 'tokens: of an account that is not there',
    async run(session) {
      await session.ask('POST', `${accounts}/none/token`, request());
      await session.ask('GET', `${accounts}/none/token`);
    },
  },
  {
    title: 'tokens: reviewed, for whom they are and for others',
    async run(session) {
      const token = await tokenFor(session);
      await session.ask('POST', reviews, review(token));
      await session.ask('POST', reviews, review(token, ['vault']));
      await session.ask('POST', reviews, review(`${token}x`));
      await session.ask('POST', reviews, review('nonsense'));
      const other = await tokenFor(session, { audiences: ['vault'] });
      await session.ask('POST', reviews, review(other));
      await session.ask('POST', reviews, review(other, ['vault', 'more']));
      const headers = { authorization: `Bearer ${other}` };
      await session.ask('POST', whoAmI, question, { headers });
    },
  },
  {
    title: 'tokens: end with their secret',
    async run(session) {
      const secrets = '/api/v1/namespaces/{ns}/secrets';
      await session.prepare('POST', secrets, sampleOf('Secret').make(session.namespace));
      const boundObjectRef = { apiVersion: 'v1', kind: 'Secret', name: 'sample' };
      const token = await tokenFor(session, { boundObjectRef });
      const headers = { authorization: `Bearer ${token}` };
      await session.prepare('DELETE', `${secrets}/sample`);
      await session.ask('POST', whoAmI, question, { headers });
      const other = { authorization: `Bearer ${await tokenFor(session)}` };
      await session.ask('POST', whoAmI, question, { headers: other });
    },
  },
];
