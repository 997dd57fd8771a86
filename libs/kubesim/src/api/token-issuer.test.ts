import { expect, it } from 'vitest';
import type { KubeObject } from '../kube-object.ts';
import { createStore } from '../store/memory-store.ts';
import { issuer, TokenIssuer } from './token-issuer.ts';

const account: KubeObject = {
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name: 'agent', namespace: 'ml', uid: 'u-1' },
};

function withAccount() {
  const store = createStore();
  store.commit({ resource: 'serviceaccounts', namespace: 'ml', name: 'agent' }, account, '');
  const clock = { nowMs: 1_000_000 };
  const tokens = new TokenIssuer(store, () => clock.nowMs, undefined);
  const token = tokens.issue({ account, audiences: [issuer], expirationSeconds: 600 });
  return { store, clock, tokens, token };
}

it('reads who a token that it issued stands for', () => {
  const { tokens, token } = withAccount();
  expect(tokens.read(token)).toMatchObject({
    user: {
      name: 'system:serviceaccount:ml:agent',
      uid: 'u-1',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:ml'],
    },
  });
});

it('lets a token end after its time', () => {
  const { tokens, token, clock } = withAccount();
  clock.nowMs += 600_000;
  expect(tokens.read(token)).toEqual({ problem: 'service account token has expired' });
});

it('lets a token end with its account', () => {
  const { tokens, token, store } = withAccount();
  const key = { resource: 'serviceaccounts', namespace: 'ml', name: 'agent' };
  store.commit(key, undefined, store.get(key)?.metadata.resourceVersion ?? '');
  expect(tokens.read(token)).toEqual({ problem: 'serviceaccounts "agent" not found' });
});

it('refuses a token for others, one that was changed and one of another cluster', () => {
  const { tokens, token } = withAccount();
  expect(tokens.read(token, ['vault'])).toHaveProperty('problem');
  const [head = '', , signature = ''] = token.split('.');
  const forged = Buffer.from(JSON.stringify({ iss: issuer, aud: [issuer], exp: 9e9 })).toString('base64url');
  expect(tokens.read(`${head}.${forged}.${signature}`)).toHaveProperty('problem');
  expect(withAccount().tokens.read(token)).toHaveProperty('problem');
  expect(tokens.read('nonsense')).toBeUndefined();
});
