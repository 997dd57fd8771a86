import type { Resources, Step } from '../build/step.ts';
import { isSelected, type FieldSpec } from '../config/field-spec.ts';
import type { Gvk } from '../resources/id.ts';
import { idOf, originalIdOf, rememberingId, type Resource } from '../resources/resource.ts';
import { changeFields, compileSpecs, FieldError, type FieldChange } from './field-spec.ts';
import { foundText, rewritten } from './scalars.ts';

/** What the prefix transformer is told (PrefixTransformer). */
export interface PrefixConfig {
  readonly prefix: string;
  readonly fieldSpecs: readonly FieldSpec[];
}

/** What the suffix transformer is told (SuffixTransformer). */
export interface SuffixConfig {
  readonly suffix: string;
  readonly fieldSpecs: readonly FieldSpec[];
}

/** Puts a prefix before names, and before other fields that the configuration names. */
export function applyPrefix(resources: Resources, config: PrefixConfig, step: Step): Resources {
  const { prefix, fieldSpecs } = config;
  return affixed(resources, fieldSpecs, step, {
    affix: prefix,
    around: (text) => prefix + text,
    remembering: (resource) => ({ ...resource, prefixes: [...resource.prefixes, ...prefix.split(',')] }),
  });
}

/** Puts a suffix after names, and after other fields that the configuration names. */
export function applySuffix(resources: Resources, config: SuffixConfig, step: Step): Resources {
  const { suffix, fieldSpecs } = config;
  return affixed(resources, fieldSpecs, step, {
    affix: suffix,
    around: (text) => text + suffix,
    remembering: (resource) => ({ ...resource, suffixes: [...resource.suffixes, ...suffix.split(',')] }),
  });
}

/** Far more than a name in Kubernetes may have; every object keeps all names that it had. */
const longestName = 4_096;

function limited(text: string): string {
  if (text.length <= longestName) return text;
  throw new FieldError(`a prefix or suffix makes it longer than ${longestName} characters`);
}

interface Affixing {
  readonly affix: string;
  readonly around: (text: string) => string;
  /** The resource with the affix noted; a comma in it makes two of it, as kustomize keeps the list as one text. */
  readonly remembering: (resource: Resource) => Resource;
}

function affixed(
  resources: Resources,
  fieldSpecs: readonly FieldSpec[],
  step: Step,
  affixing: Affixing,
): Resources {
  const change: FieldChange = {
    makes: 'scalar',
    isUntagged: true,
    set: (value, _spec, isInQuotes) =>
      rewritten(value, limited(affixing.around(foundText(value))), isInQuotes),
  };
  const specs = compileSpecs(fieldSpecs);
  let isChanged = false;
  const changed = resources.map((resource) => {
    const original = originalIdOf(resource);
    if (keepsItsName(original)) return resource;
    let after = resource;
    for (const compiled of specs.forKind(original)) {
      if (compiled.spec.path === 'metadata/name' && affixing.affix !== '')
        after = rememberingId(affixing.remembering(after));
      if (isSelected(idOf(after), compiled.spec)) after = changeFields(after, [compiled], change, step);
    }
    isChanged ||= after !== resource;
    return after;
  });
  return isChanged ? changed : resources;
}

/** Objects whose names others know from outside. */
function keepsItsName({ group, kind }: Gvk): boolean {
  if (kind === 'APIService') return group === 'apiregistration.k8s.io';
  return kind === 'CustomResourceDefinition' || kind === 'Namespace';
}
