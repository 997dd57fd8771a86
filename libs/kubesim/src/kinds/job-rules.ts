import { jsonEqual, objectAt } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { KindRules } from './kind-rules.ts';
import { counted, withStatus } from './strategies.ts';

const counting = counted(withStatus);

/** Rules of jobs (pkg/registry/batch/job/strategy.go). */
export const jobRules: KindRules = {
  ...counting,
  dependents: 'Orphan',
  prepareForCreate(draft, context) {
    counting.prepareForCreate?.(draft, context);
    const spec = objectAt(draft, 'spec');
    if (spec === undefined || spec['manualSelector'] === true) return;
    const { uid = '', name = '' } = draft.metadata;
    // Labels that the job took over from its template are one map with it in Go, and get what it gets.
    const taken = jsonEqual(draft.metadata.labels, objectAt(spec, 'template', 'metadata', 'labels'));
    selectOwnPods(spec, uid, name);
    if (taken) draft.metadata.labels = { ...draft.metadata.labels, ...ownLabels(uid, name) };
  },
};

/** A job selects its pods by its UID, unless somebody gave a selector, which validation then refuses. */
function selectOwnPods(spec: JsonObject, uid: string, name: string): void {
  const metadata = objectAt(spec, 'template', 'metadata');
  if (metadata === undefined) return;
  metadata['labels'] = { ...objectAt(metadata, 'labels'), ...ownLabels(uid, name) };
  const selector = objectAt(spec, 'selector') ?? {};
  const matchLabels = { ...objectAt(selector, 'matchLabels'), 'batch.kubernetes.io/controller-uid': uid };
  spec['selector'] = { ...selector, matchLabels };
}

function ownLabels(uid: string, name: string): Record<string, string> {
  return {
    'controller-uid': uid,
    'job-name': name,
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
  };
}
