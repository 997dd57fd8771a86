import { GoText, invalid } from '../../../errors/field-error.ts';
import type { FieldError } from '../../../errors/field-error.ts';
import { itemsAt, objectAt, textsAt } from '../../../json.ts';
import type { Json, JsonObject } from '../../../json.ts';
import { goInternalText } from '../../../schema/go-internal.ts';
import { goEqual } from '../../../schema/go-equal.ts';

const needed = 'requiredDuringSchedulingIgnoredDuringExecution';

/** What is wrong with how a pod that is not scheduled yet narrows down its nodes: it may only ask for more. */
export function nodeChoiceErrors(spec: JsonObject, old: JsonObject, path: string): FieldError[] {
  return [
    ...selectorChange(spec, old, `${path}.nodeSelector`),
    ...termsChange(spec, old, `${path}.affinity.nodeAffinity.${needed}.nodeSelectorTerms`),
  ];
}

function selectorChange(spec: JsonObject, old: JsonObject, path: string): FieldError[] {
  const [now, before] = [textsAt(spec, 'nodeSelector'), textsAt(old, 'nodeSelector')];
  if (Object.entries(before).every(([name, value]) => now[name] === value)) return [];
  const why = 'only additions to spec.nodeSelector are allowed (no mutations or deletions)';
  return [invalid(path, spec['nodeSelector'] ?? null, why)];
}

function termsOf(spec: JsonObject): readonly Json[] {
  return itemsAt(spec, 'affinity', 'nodeAffinity', needed, 'nodeSelectorTerms');
}

function termsChange(spec: JsonObject, old: JsonObject, path: string): FieldError[] {
  const [now, before] = [termsOf(spec), termsOf(old)];
  if (before.length > 0 && now.length !== before.length) {
    const shown = now.map((term) => goInternalText(term, 'core.NodeSelectorTerm'));
    const why = 'no additions/deletions to non-empty NodeSelectorTerms list are allowed';
    return [invalid(path, new GoText(now.length === 0 ? 'null' : `[${shown.join(',')}]`), why)];
  }
  return before.flatMap((term, index) => {
    if (onlyAdds(now[index], term)) return [];
    const shown = new GoText(goInternalText(now[index], 'core.NodeSelectorTerm'));
    const why = 'only additions are allowed (no mutations or deletions)';
    return [invalid(`${path}[${String(index)}]`, shown, why)];
  });
}

function onlyAdds(term: Json | undefined, old: Json): boolean {
  const lists = ['matchExpressions', 'matchFields'];
  const count = (one: Json | undefined) => lists.reduce((sum, list) => sum + itemsAt(one, list).length, 0);
  if (count(old) === 0) return count(term) === 0;
  return lists.every((list) => {
    const before = itemsAt(old, list);
    return goEqual([...itemsAt(term, list).slice(0, before.length)], [...before]);
  });
}

/** A spec with the nodes that another one chooses. */
export function withNodeChoiceOf(spec: JsonObject, old: JsonObject): JsonObject {
  const chosen = { ...spec, nodeSelector: old['nodeSelector'] };
  const { nodeAffinity: _, ...others } = objectAt(spec, 'affinity') ?? {};
  const before = objectAt(old, 'affinity');
  const nodeAffinity = before?.['nodeAffinity'];
  if (before === undefined && Object.keys(others).length === 0) return { ...chosen, affinity: undefined };
  return { ...chosen, affinity: { ...others, ...(nodeAffinity === undefined ? {} : { nodeAffinity }) } };
}
