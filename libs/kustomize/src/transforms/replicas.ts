import type { Resources, Step } from '../build/step.ts';
import { isSelected, type FieldSpec } from '../config/field-spec.ts';
import { refuse } from '../refusal.ts';
import { allIdsOf, hasOrHadName, idOf, type Resource } from '../resources/resource.ts';
import { changeFields, compileSpecs, type FieldChange } from './field-spec.ts';
import { retagged } from './scalars.ts';

/** What the replica count transformer is told (ReplicaCountTransformer). */
export interface ReplicaConfig {
  readonly replica: { readonly name: string; readonly count: number };
  readonly fieldSpecs: readonly FieldSpec[];
}

/** Sets the number of replicas of the objects that have or had a name; when there is none, the entry is refused. */
export function applyReplicas(resources: Resources, config: ReplicaConfig, step: Step): Resources {
  const { replica, fieldSpecs } = config;
  const change: FieldChange = {
    makes: 'scalar',
    set: (value, _spec, isInQuotes) =>
      retagged(value, { tag: '!!int', text: String(replica.count) }, isInQuotes),
  };
  const compiled = compileSpecs(fieldSpecs);
  let isFound = false;
  let isChanged = false;
  const scaled = (resource: Resource): Resource => {
    if (!hasOrHadName(resource, replica.name)) return resource;
    const ids = allIdsOf(resource).filter(
      (id) => id.name === replica.name && compiled.forKind(id).length > 0,
    );
    if (ids.length === 0) return resource;
    isFound = true;
    const specs = compiled
      .forKind(idOf(resource))
      .filter(({ spec }) => ids.some((id) => isSelected(id, spec)));
    const after = changeFields(resource, specs, change, step);
    isChanged ||= after !== resource;
    return after;
  };
  const changed = resources.map(scaled);
  if (!isFound && !step.isPart) refuseUnknown(config, step);
  return isChanged ? changed : resources;
}

function refuseUnknown({ replica, fieldSpecs }: ReplicaConfig, { place }: Step): never {
  const kinds = [...new Set(fieldSpecs.map(({ kind }) => kind))].filter((kind) => kind !== '').join(', ');
  refuse({
    ...place,
    message: `no object of a kind with replicas (${kinds}) has the name ${replica.name}`,
    fix: 'correct the name or remove the entry',
  });
}
