import { jsonEqual, objectAt } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import { goEqual } from '../schema/go-equal.ts';
import type { KindRules } from './kind-rules.ts';
import { keepAllButStatus } from './generic-rules.ts';
import { counted, withStatus } from './strategies.ts';
import { jobUpdateErrors } from './validation/job-change.ts';
import { jobErrors } from './validation/job-errors.ts';
import { jobStatusErrors } from './validation/job-status-errors.ts';
import { jobWarnings } from './warnings/workload-warnings.ts';

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
    const taken = goEqual({ labels: draft.metadata.labels }, { labels: labelsOfPods(spec) });
    selectOwnPods(spec, uid, name);
    if (taken) draft.metadata.labels = { ...ownLabels(uid, name), ...draft.metadata.labels };
  },
  validateCreate: jobErrors,
  /** The labels that it takes over from a template which had none until now. */
  lacksDefaults({ metadata, spec }) {
    const { uid = '', name = '' } = metadata;
    const own = ownLabels(uid, name);
    return jsonEqual(metadata.labels, own) && jsonEqual(labelsOfPods(spec), own);
  },
  validateUpdate: jobUpdateErrors,
  status: { prepareForUpdate: keepAllButStatus, validateUpdate: jobStatusErrors },
  warnings: jobWarnings,
};

function labelsOfPods(spec: Json | undefined): JsonObject | undefined {
  return objectAt(spec, 'template', 'metadata', 'labels');
}

/** A job selects its pods by its UID. What somebody else said of the labels stays, for validation to refuse. */
function selectOwnPods(spec: JsonObject, uid: string, name: string): void {
  const metadata = objectAt(spec, 'template', 'metadata');
  if (metadata === undefined) return;
  metadata['labels'] = { ...ownLabels(uid, name), ...objectAt(metadata, 'labels') };
  const selector = objectAt(spec, 'selector') ?? {};
  const matchLabels = { 'batch.kubernetes.io/controller-uid': uid, ...objectAt(selector, 'matchLabels') };
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
