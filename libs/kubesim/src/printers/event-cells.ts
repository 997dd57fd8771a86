import { itemsAt, numberAt, objectAt, textAt } from '../json.ts';
import type { Json } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { filled, since, text } from './cell.ts';
import type { Cell, Cells } from './cell.ts';

/** The same fields are named otherwise in events.k8s.io; an event may carry the names of either group. */
const either =
  (core: readonly string[], other: readonly string[]) =>
  (event: KubeObject): string | undefined =>
    textAt(event, ...core) ?? textAt(event, ...other);

const firstTime = either(['firstTimestamp'], ['deprecatedFirstTimestamp']);
const lastTime = either(['lastTimestamp'], ['deprecatedLastTimestamp']);
const message = either(['message'], ['note']);
const reporter = either(['reportingComponent'], ['reportingController']);

const firstSeen: Cell = (event, nowMs) => since(firstTime(event) ?? textAt(event, 'eventTime'), nowMs);

/** Columns of events, which two groups serve. */
const cells: Cells = {
  'Last Seen'(event, nowMs) {
    if (objectAt(event, 'series') !== undefined) {
      return since(textAt(event, 'series', 'lastObservedTime'), nowMs);
    }
    const last = lastTime(event);
    return last === undefined ? firstSeen(event, nowMs) : since(last, nowMs);
  },
  Type: text('type'),
  Reason: text('reason'),
  Object(event) {
    const kind = (textAt(subject(event), 'kind') ?? '').toLowerCase();
    const name = textAt(subject(event), 'name') ?? '';
    return name === '' ? kind : `${kind}/${name}`;
  },
  Subobject: (event) => textAt(subject(event), 'fieldPath') ?? '',
  Source(event) {
    const source = objectAt(event, 'source') ?? objectAt(event, 'deprecatedSource');
    const component = filled(textAt(source, 'component'), reporter(event) ?? '');
    const instance = filled(textAt(source, 'host'), textAt(event, 'reportingInstance') ?? '');
    return instance === '' ? component : `${component}, ${instance}`;
  },
  Message: (event) => (message(event) ?? '').trim(),
  'First Seen': firstSeen,
  Count(event) {
    if (objectAt(event, 'series') !== undefined) return numberAt(event, 'series', 'count') ?? 0;
    const seen = numberAt(event, 'count') ?? numberAt(event, 'deprecatedCount') ?? 0;
    return seen === 0 ? 1 : seen;
  },
};

/** Columns of events and of what else tells how the cluster is, by group resource. */
export const eventCells: Readonly<Record<string, Cells>> = {
  events: cells,
  'events.events.k8s.io': cells,
  componentstatuses: {
    Status(component) {
      const healthy = healthOf(component);
      if (healthy === undefined) return 'Unknown';
      return textAt(healthy, 'status') === 'True' ? 'Healthy' : 'Unhealthy';
    },
    Message: (component) => textAt(healthOf(component), 'message') ?? '',
    Error: (component) => textAt(healthOf(component), 'error') ?? '',
  },
};

function subject(event: KubeObject): Json | undefined {
  return event['involvedObject'] ?? event['regarding'];
}

function healthOf(component: KubeObject): Json | undefined {
  return itemsAt(component, 'conditions').find((one) => textAt(one, 'type') === 'Healthy');
}
