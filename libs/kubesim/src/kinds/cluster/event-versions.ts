import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import type { VersionConversion } from '../kind-rules.ts';

/** Fields of events by their name in the core group and in the group of their own. */
const names = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
  ['reportingComponent', 'reportingController'],
] as const;

/** Go always writes these of an event of the group of its own; the core group has empty text where it has none. */
const alwaysWritten: JsonObject = {
  eventTime: null,
  regarding: {},
  deprecatedSource: {},
  deprecatedFirstTimestamp: null,
  deprecatedLastTimestamp: null,
};

/** Events are served by two groups, which call the same fields by different names. */
export const eventVersions: Readonly<Record<string, VersionConversion>> = {
  'events.k8s.io/v1': {
    fromStorage: (event) => withoutEmptyText({ ...alwaysWritten, ...renamed(event, 0, 'events.k8s.io/v1') }),
    toStorage: (event) => ({
      ...{ involvedObject: {}, source: {}, reportingComponent: '', reportingInstance: '' },
      ...renamed(event, 1, 'v1'),
    }),
  },
};

function renamed(event: KubeObject, from: 0 | 1, apiVersion: string): KubeObject {
  const known = new Map<string, string>(names.map((pair) => [pair[from], pair[from === 0 ? 1 : 0]]));
  const { kind, metadata } = event;
  const fields = Object.entries(event).map(([name, value]) => [known.get(name) ?? name, value] as const);
  return { ...Object.fromEntries(fields), apiVersion, kind, metadata };
}

function withoutEmptyText(event: KubeObject): KubeObject {
  const { apiVersion, kind, metadata } = event;
  const kept = Object.entries(event).filter(([, value]) => value !== '');
  return { ...Object.fromEntries(kept), apiVersion, kind, metadata };
}
