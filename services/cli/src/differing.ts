import type { DriftView, ExplainedObject } from '@meridian/fleet';
import { groupOf } from '@meridian/manifests';
import type { Printer } from './output.ts';
import { oneLine } from './text.ts';

/**
 * Prints where an object in its cluster differs now from what git says, and by whom: drift that is not healed, and what
 * admission changes. Only at or below `field`, when there is one.
 */
export function tellDiffering(
  printer: Printer,
  drifts: readonly DriftView[],
  { object, field }: { readonly object: ExplainedObject; readonly field: string | undefined },
): void {
  for (const { key, change, manager, fields, healedAtMs } of drifts) {
    if (healedAtMs !== undefined || !isOf(key, object)) continue;
    const by = `by ${oneLine(manager)}`;
    if (change === 'deleted') printer.raw(`${printer.paint('bad', 'in the cluster')} it was deleted ${by}\n`);
    for (const { path, live, desired } of fields.filter(isBelow(field)))
      printer.raw(
        `${printer.paint('busy', 'in the cluster')} .${oneLine(path)}: ${oneLine(live)} ${by} (git: ${oneLine(desired)})\n`,
      );
  }
}

function isOf(key: DriftView['key'], { apiVersion, kind, namespace = '', name }: ExplainedObject): boolean {
  const isSameKind = key.group === groupOf(apiVersion) && key.kind === kind;
  return isSameKind && key.namespace === namespace && key.name === name;
}

const isBelow =
  (field: string | undefined) =>
  ({ path }: { readonly path: string }): boolean =>
    `.${path}`.startsWith(field ?? '');
