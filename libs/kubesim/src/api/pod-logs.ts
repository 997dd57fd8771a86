import { storeKey } from '../cluster/prepare.ts';
import type { Target } from '../cluster/target.ts';
import { badRequestError, invalidError, notFoundError } from '../errors/api-error.ts';
import { forbidden, invalid } from '../errors/field-error.ts';
import type { FieldError } from '../errors/field-error.ts';
import { itemsAt, textAt } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import type { Exchange } from './exchange.ts';
import { integerOf, isTrue } from './options.ts';
import type { ServerState } from './server-state.ts';

/** Holds the log of a pod's containers; with a dot and a name behind it, that of one container. */
const logAnnotation = 'sandbox.meridian.dev/log';

const finished = ['Succeeded', 'Failed'];

/** GET of a pod's log: the text of an annotation, since nothing runs that could write one. A pod without a node has none. */
export function readLog(state: ServerState, target: Target, exchange: Exchange): void {
  const key = storeKey(target.resource, target.namespace, target.name);
  const pod = state.store.get(key);
  const { query, response } = exchange;
  const errors = optionErrors(query);
  if (errors.length > 0) throw invalidError({ group: '', kind: 'PodLogOptions' }, target.name, errors);
  if (pod === undefined) throw notFoundError(target.resource, target.name);
  const container = containerOf(pod, query.get('container') ?? '');
  const node = textAt(pod, 'spec', 'nodeName') ?? '';
  if (node === '') {
    response.writeHead(204).end();
    return;
  }
  refuseLostNode(state, node);
  refuseUnstarted(pod, container);
  response.writeHead(200, { 'content-type': 'text/plain', 'cache-control': 'no-cache, private' });
  response.write(logText(pod, container, query));
  const goesOn = isTrue(query.get('follow')) && !finished.includes(textAt(pod, 'status', 'phase') ?? '');
  if (!goesOn) {
    response.end();
    return;
  }
  const close = state.store.subscribe(({ key: changed, type, object }) => {
    const isIt =
      changed.resource === key.resource && changed.namespace === key.namespace && changed.name === key.name;
    const ends = type === 'DELETED' || finished.includes(textAt(object, 'status', 'phase') ?? '');
    if (isIt && ends) response.end();
  });
  response.once('close', close);
}

/** The node of a pod has to be known before anything is asked of it. Throws 404. */
export function refuseLostNode(state: ServerState, node: string): void {
  if (state.store.get({ resource: 'nodes', namespace: '', name: node }) !== undefined) return;
  throw notFoundError({ group: '', name: 'pods' }, node);
}

function optionErrors(query: URLSearchParams): FieldError[] {
  const [tail, bytes, seconds] = ['tailLines', 'limitBytes', 'sinceSeconds'].map((name) =>
    integerOf(query.get(name)),
  );
  const errors: FieldError[] = [];
  if (tail !== undefined && tail < 0) {
    errors.push(invalid('tailLines', tail, 'must be greater than or equal to 0'));
  }
  if (bytes !== undefined && bytes < 1) errors.push(invalid('limitBytes', bytes, 'must be greater than 0'));
  if (seconds === undefined) return errors;
  if (query.has('sinceTime')) {
    return [...errors, forbidden('[]', 'at most one of `sinceTime` or `sinceSeconds` may be specified')];
  }
  return seconds < 1 ? [...errors, invalid('sinceSeconds', seconds, 'must be greater than 0')] : errors;
}

/** The container of a pod that a request means. Throws 400 when it names none that there is, or none where there are several. */
export function containerOf(pod: KubeObject, asked: string): string {
  const { name = '' } = pod.metadata;
  const containers = ['initContainers', 'containers', 'ephemeralContainers'].flatMap((field) =>
    itemsAt(pod, 'spec', field).map((container) => textAt(container, 'name') ?? ''),
  );
  const own = itemsAt(pod, 'spec', 'containers').map((container) => textAt(container, 'name') ?? '');
  if (asked === '' && own.length > 1) {
    const choices = `[${containers.join(' ')}]`;
    throw badRequestError(`a container name must be specified for pod ${name}, choose one of: ${choices}`);
  }
  const container = asked === '' ? (own[0] ?? '') : asked;
  if (containers.includes(container)) return container;
  throw badRequestError(`container ${container} is not valid for pod ${name}`);
}

/** Throws 400, as the kubelet does, for a container that has not begun. */
function refuseUnstarted(pod: KubeObject, container: string): void {
  const reason = textAt(statusOf(pod, container), 'state', 'waiting', 'reason');
  if (reason === undefined || reason === 'CrashLoopBackOff') return;
  const { name = '' } = pod.metadata;
  const why = reason.includes('Image') ? `trying and failing to pull image` : `waiting to start: ${reason}`;
  throw badRequestError(`container "${container}" in pod "${name}" is ${why}`);
}

function statusOf(pod: KubeObject, container: string): JsonObject | undefined {
  const fields = ['initContainerStatuses', 'containerStatuses'];
  return fields
    .flatMap((field) => itemsAt(pod, 'status', field).filter(isObject))
    .find((status) => status['name'] === container);
}

function logText(pod: KubeObject, container: string, query: URLSearchParams): string {
  const annotations = pod.metadata.annotations ?? {};
  const text = annotations[`${logAnnotation}.${container}`] ?? annotations[logAnnotation] ?? '';
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  const tail = integerOf(query.get('tailLines'));
  const kept = tail === undefined ? lines : lines.slice(Math.max(0, lines.length - tail));
  const started =
    textAt(statusOf(pod, container), 'state', 'running', 'startedAt') ?? pod.metadata.creationTimestamp;
  const time = isTrue(query.get('timestamps')) ? `${started ?? ''} ` : '';
  const whole = Buffer.from(kept.map((line) => `${time}${line}\n`).join(''));
  return whole.subarray(0, integerOf(query.get('limitBytes')) ?? whole.length).toString('utf8');
}
