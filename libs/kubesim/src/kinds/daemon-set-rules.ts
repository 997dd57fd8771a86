import { valueAt } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { goEqual } from '../schema/go-equal.ts';
import { templateGeneration } from './defaults/workload-defaults.ts';
import type { KindRules } from './kind-rules.ts';
import { counted, withStatus } from './strategies.ts';

const counting = counted(withStatus);

/** Rules of daemon sets, which also count their templates (pkg/registry/apps/daemonset/strategy.go). */
export const daemonSetRules: KindRules = {
  ...counting,
  prepareForCreate(draft, context) {
    counting.prepareForCreate?.(draft, context);
    setTemplateGeneration(draft, 1);
  },
  prepareForUpdate(draft, old, context) {
    counting.prepareForUpdate?.(draft, old, context);
    const before = Number(old.metadata.annotations?.[templateGeneration] ?? '0');
    const same = goEqual(valueAt(draft, 'spec', 'template'), valueAt(old, 'spec', 'template'));
    setTemplateGeneration(draft, same ? before : before + 1);
  },
};

function setTemplateGeneration({ metadata }: KubeObject, count: number): void {
  metadata.annotations = { ...metadata.annotations, [templateGeneration]: String(count) };
}
