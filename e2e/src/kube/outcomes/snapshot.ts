import { at, bodyAt, itemsAt } from '../body.ts';
import type { Body } from '../body.ts';

/** What is seen of a namespace: the objects of some resources, without what is chance. */
export type Snapshot = Readonly<Record<string, readonly unknown[]>>;

/**
 * Takes chance out of objects: names and hashes that a server makes up become numbers of their revision, and times, addresses,
 * UIDs, certificates and the nodes of the cluster become marks. Lists of objects are put in an order that does not depend on names.
 * @param owners Objects whose made-up names the others may have taken over: replica sets and revisions.
 */
export function snapshotOf(
  objects: Readonly<Record<string, readonly Body[]>>,
  owners: Readonly<Record<string, readonly Body[]>>,
): Snapshot {
  const names = madeUpNames({ ...owners, ...objects });
  return Object.fromEntries(
    Object.entries(objects).map(([resource, list]) => {
      const seen = list.map((object) => plain(resource, object)).flatMap((one) => one ?? []);
      const texts = seen
        .map((one) => plainText(JSON.stringify(inOrder(one)), names))
        .map((text) => (tellOfOthers.has(resource) ? withoutGone(text) : text));
      texts.sort();
      const told = resource === 'events' ? [...new Set(texts)] : texts;
      return [resource, told.map((text): unknown => JSON.parse(text))];
    }),
  );
}

/** Made-up words and what stands for them, longest first, because names contain hashes. */
function madeUpNames(objects: Readonly<Record<string, readonly Body[]>>): [string, string][] {
  const words = new Map<string, string>();
  const note = (word: unknown, mark: string) => {
    if (typeof word === 'string' && word !== '') words.set(word, mark);
  };
  for (const set of objects['replicasets'] ?? []) {
    const hash = bodyAt(set, 'metadata.labels')['pod-template-hash'];
    note(hash, `<template ${String(revisionOf(set))}>`);
  }
  for (const one of objects['controllerrevisions'] ?? []) {
    const labels = bodyAt(one, 'metadata.labels');
    note(
      labels['controller-revision-hash'] ?? labels['controller.kubernetes.io/hash'],
      `<revision ${String(one['revision'])}>`,
    );
  }
  for (const one of Object.values(objects).flat()) {
    const { name, generateName } = bodyAt(one, 'metadata');
    const isNumbered = 'statefulset.kubernetes.io/pod-name' in bodyAt(one, 'metadata.labels');
    if (typeof generateName === 'string' && !isNumbered) note(name, `${generateName}*`);
  }
  return [...words].sort(([a], [b]) => b.length - a.length);
}

function revisionOf(set: Body): unknown {
  return bodyAt(set, 'metadata.annotations')['deployment.kubernetes.io/revision'];
}

function plainText(text: string, names: readonly [string, string][]): string {
  let plainer = text;
  // Twice, because a name of a pod still contains the hash of its template.
  for (const [word, mark] of [...names, ...names]) plainer = plainer.replaceAll(word, mark);
  return plainer
    .replaceAll(/"endpoints.kubernetes.io\/last-change-trigger-time":"[^"]*"/g, '')
    .replaceAll('"annotations":{},', '')
    .replaceAll(/multiple HPAs: \[.*?\]/g, 'multiple HPAs')
    .replaceAll(/-----BEGIN CERTIFICATE.*?END CERTIFICATE-----(\\n)?/g, '<certificate>')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '<time>')
    .replaceAll(/\b10\.\d+\.\d+\.\d+\b/g, '<address>')
    .replaceAll(/\b[a-z]+-gpu-\d+\b/g, '<node>')
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<uid>');
}

/** Resources that name pods of which a script may see nothing. */
const tellOfOthers: ReadonlySet<string> = new Set(['events', 'endpoints', 'endpointslices']);

/** Events tell of objects that are gone, whose names cannot be known any more. */
function withoutGone(text: string): string {
  return text
    .replaceAll(/-[bcdfghjklmnpqrstvwxz2456789]{8,10}\b/g, '-<template>')
    .replaceAll(/-[bcdfghjklmnpqrstvwxz2456789]{5}\b/g, '-*')
    .replaceAll(/<template \d+>/g, '<template>');
}

const chance = ['uid', 'resourceVersion', 'managedFields', 'creationTimestamp', 'selfLink'];

function plain(resource: string, object: Body): unknown {
  if (resource === 'events') return plainEvent(object);
  if (resource === 'nodes') return plainNode(object);
  const metadata = Object.fromEntries(
    Object.entries(bodyAt(object, 'metadata')).filter(([name]) => !chance.includes(name)),
  );
  const whole: Body = { ...object, metadata, ...withConditionsInOrder(object) };
  if (resource === 'replicasets' || resource === 'endpointslices') return withoutSteps(whole);
  return resource === 'pods' ? { ...whole, status: podStatus(object) } : whole;
}

/** How often something was changed on the way depends on how soon pods are ready. */
function withoutSteps(object: Body): unknown {
  const { generation, ...metadata } = bodyAt(object, 'metadata');
  const { observedGeneration, ...status } = bodyAt(object, 'status');
  return { ...object, metadata, status: { ...status, observed: generation === observedGeneration } };
}

function withConditionsInOrder(object: Body): Body {
  const status = bodyAt(object, 'status');
  const conditions = itemsAt(status, 'conditions');
  if (conditions.length === 0) return {};
  const type = (one: unknown) => String(at(one, 'type'));
  return {
    status: { ...status, conditions: [...conditions].sort((a, b) => (type(a) < type(b) ? -1 : 1)) },
  };
}

/** What a node's agent tells of a pod is kwok's choice on one side: only what people act on is compared. */
function podStatus(pod: Body): unknown {
  const conditions = itemsAt(pod, 'status.conditions')
    .map((one) => ({
      type: at(one, 'type'),
      status: at(one, 'status'),
      ...(byServer.has(String(at(one, 'type'))) && {
        reason: at(one, 'reason'),
        message: at(one, 'message'),
      }),
    }))
    .filter(({ type }) => type !== 'PodReadyToStartContainers')
    .sort((a, b) => (String(a.type) < String(b.type) ? -1 : 1));
  const containers = itemsAt(pod, 'status.containerStatuses').map((one) => ({
    name: at(one, 'name'),
    ready: at(one, 'ready'),
    restarts: at(one, 'restartCount'),
    state: Object.entries(bodyAt(one, 'state')).map(([state, more]) => [state, at(more, 'reason')]),
  }));
  return {
    phase: at(pod, 'status.phase'),
    reason: at(pod, 'status.reason'),
    qosClass: at(pod, 'status.qosClass'),
    nominatedNodeName: at(pod, 'status.nominatedNodeName'),
    conditions,
    containers,
  };
}

const byServer = new Set(['PodScheduled', 'DisruptionTarget']);

/** Of a node, what its agent tells of itself is left out. */
function plainNode(node: Body): unknown {
  const conditions = itemsAt(node, 'status.conditions')
    .map((one) => `${String(at(one, 'type'))} ${String(at(one, 'status'))}`)
    .sort();
  return { labels: at(node, 'metadata.labels'), spec: node['spec'], conditions };
}

/** Words of events that come or not by chance. */
const byChance: readonly string[] = [
  // Which events are the ones that are told together depends on how many came before.
  '(combined from similar events)',
  // The scheduler may meet a pod or a claim that is being deleted, or not.
  'skip schedule deleting pod',
  'is being deleted, cannot be assigned to a host',
  '" is being deleted. not found',
  // It may meet a pod of a set before the claims that were made for the pod.
  'persistentvolumeclaim "data-web-',
  // The end of a pod that is sent away may be seen before the work of sending it is over.
  'Cancelling deletion of Pod',
  // Two controllers may meet at an object.
  'the object has been modified; please apply',
];

/** Events of nodes' agents are left out: simulated agents of a real cluster write none. */
function plainEvent(event: Body): unknown {
  const from = at(event, 'source.component') ?? at(event, 'reportingComponent');
  if (from === 'kubelet' || from === 'kwok') return undefined;
  const message = String(event['message']);
  if (byChance.some((words) => message.includes(words))) return undefined;
  return {
    on: [at(event, 'involvedObject.kind'), at(event, 'involvedObject.name')],
    type: event['type'],
    reason: event['reason'],
    // In how many steps a rollout goes depends on how soon pods are ready.
    message: message.replace(/(Scaled \w+ replica set \S+) from \d+ to \d+/, '$1'),
    from: from === '' ? at(event, 'reportingComponent') : from,
  };
}

/** Members by name, so that equal objects have equal texts. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, inOrder(member)]),
  );
}
