import { describe, expect, it } from 'vitest';
import { createCluster } from '../../cluster/sim-cluster.ts';
import { ClusterClient } from '../../controllers/cluster-client.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import type { Review } from '../review.ts';
import { configuredHooks } from './configured-hooks.ts';
import { isExempt, matchedVersion, namespaceOf } from './match-hook.ts';

const { core } = createCluster({ tokens: {}, address: () => '', nowMs: () => 0 });
const { registry } = core;
const client = new ClusterClient(core, 'test');
client.create('namespaces', {
  ...{ apiVersion: 'v1', kind: 'Namespace' },
  metadata: { name: 'team', labels: { tier: 'gold' } },
});

function resourceOf(group: string, version: string, name: string) {
  const found = registry.find(group, version, name);
  if (found === undefined) throw new Error(`${name} is not served`);
  return found;
}

function object(kind: string, metadata: KubeObject['metadata']): KubeObject {
  return { apiVersion: 'v1', kind, metadata };
}

/** A creation of a config map in the namespace `team`, unless told otherwise. */
function review(more: Partial<Review> = {}): Review {
  const name = 'settings';
  const target = { resource: resourceOf('', 'v1', 'configmaps'), namespace: 'team', name, subresource: '' };
  return {
    ...{ phase: 'validating', operation: 'CREATE', target, old: undefined, dryRun: false },
    ...{ object: object('ConfigMap', { name }), asked: undefined, view: undefined },
    ...{ warn: () => undefined, readmit: () => undefined },
    ...more,
  };
}

const everything = { operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'] };
let configured = 0;

/** Configures one webhook and reads it back as the server does. */
function hookOf(webhook: JsonObject) {
  configured += 1;
  const name = `configuration-${String(configured)}`;
  client.create('validatingwebhookconfigurations.admissionregistration.k8s.io', {
    ...{ apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration' },
    metadata: { name },
    webhooks: [
      {
        ...{ name: 'hook.example.com', sideEffects: 'None', admissionReviewVersions: ['v1'] },
        clientConfig: { url: 'https://127.0.0.1:1' },
        rules: [everything],
        ...webhook,
      },
    ],
  });
  const hook = configuredHooks(core.store, 'validating').find(({ id }) => id.startsWith(`${name}/`));
  if (hook === undefined) throw new Error('the webhook is not configured');
  return hook;
}

const isMatched = (webhook: JsonObject, more: Partial<Review> = {}) =>
  matchedVersion(hookOf(webhook), review(more), { store: core.store, registry }) !== undefined;
const rule = (more: JsonObject) => ({ rules: [{ ...everything, ...more }] });

describe('rules', () => {
  it.each<readonly [JsonObject, boolean]>([
    [{}, true],
    [{ operations: ['UPDATE', 'DELETE'] }, false],
    [{ operations: ['CREATE'] }, true],
    [{ apiGroups: ['apps'] }, false],
    [{ apiVersions: ['v2'] }, false],
    [{ resources: ['configmaps'] }, true],
    [{ resources: ['configmaps/*'] }, true],
    [{ resources: ['configmaps/status'] }, false],
    [{ resources: ['*'] }, true],
    [{ resources: ['pods'] }, false],
    [{ scope: 'Cluster' }, false],
    [{ scope: 'Namespaced' }, true],
  ])('%j about a new config map: %s', (more, expected) => {
    expect(isMatched(rule(more))).toBe(expected);
  });

  it('take a namespace for cluster-scoped, and for being in itself', () => {
    const resource = resourceOf('', 'v1', 'namespaces');
    const target = { resource, namespace: '', name: 'team', subresource: '' };
    const write = { target, object: object('Namespace', { name: 'team' }) };
    expect(isMatched(rule({ scope: 'Cluster' }), write)).toBe(true);
    expect(isMatched(rule({ scope: 'Namespaced' }), write)).toBe(false);
    expect(namespaceOf(review(write))).toBe('team');
  });

  it('match other versions of the same objects, unless exactly theirs are meant', () => {
    const resource = resourceOf('autoscaling', 'v2', 'horizontalpodautoscalers');
    const target = { resource, namespace: 'team', name: 'a', subresource: '' };
    const older = rule({ apiGroups: ['autoscaling'], apiVersions: ['v1'] });
    const context = { store: core.store, registry };
    expect(matchedVersion(hookOf(older), review({ target }), context)?.version).toBe('v1');
    expect(isMatched({ ...older, matchPolicy: 'Exact' }, { target })).toBe(false);
  });
});

describe('selectors', () => {
  it('of namespaces look at the labels of the namespace', () => {
    expect(isMatched({ namespaceSelector: { matchLabels: { tier: 'gold' } } })).toBe(true);
    expect(isMatched({ namespaceSelector: { matchLabels: { tier: 'tin' } } })).toBe(false);
  });

  it('of namespaces let everything through that is in none', () => {
    const resource = resourceOf('', 'v1', 'nodes');
    const target = { resource, namespace: '', name: 'node', subresource: '' };
    expect(isMatched({ namespaceSelector: { matchLabels: { tier: 'tin' } } }, { target })).toBe(true);
  });

  it('of namespaces refuse what is in a namespace that is not there', () => {
    const target = { ...review().target, namespace: 'nowhere' };
    const selecting = { namespaceSelector: { matchLabels: { tier: 'gold' } } };
    expect(() => isMatched(selecting, { target })).toThrow('namespaces "nowhere" not found');
  });

  it('of objects look at the object before and after', () => {
    const selecting = { objectSelector: { matchExpressions: [{ key: 'watched', operator: 'Exists' }] } };
    const labelled = object('ConfigMap', { name: 'settings', labels: { watched: '' } });
    expect(isMatched(selecting)).toBe(false);
    expect(isMatched(selecting, { object: labelled })).toBe(true);
    expect(isMatched(selecting, { old: labelled })).toBe(true);
  });
});

it('configurations of webhooks are shown to none, or nobody could repair them', () => {
  const group = 'admissionregistration.k8s.io';
  expect(isExempt(resourceOf(group, 'v1', 'mutatingwebhookconfigurations'))).toBe(true);
  expect(isExempt(resourceOf('', 'v1', 'configmaps'))).toBe(false);
});
