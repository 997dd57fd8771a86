import { isSelected, type NameBackReferences } from '../config/field-spec.ts';
import type { Gvk } from '../resources/id.ts';
import { compileSpecs, rememberedByKind, type CompiledSpec } from './field-spec.ts';

/** A field in which objects of a kind may name objects of another kind. */
export interface ReferenceSpec {
  readonly target: Gvk;
  readonly compiled: CompiledSpec;
}

/** All reference fields of a configuration, made ready for use. */
export interface ReferenceSpecs {
  /** The fields of objects of a kind, by target in the order of the configuration. */
  readonly forKind: (gvk: Gvk) => readonly ReferenceSpec[];
}

const compiledLists = new WeakMap<readonly NameBackReferences[], ReferenceSpecs>();

/** Compiles the name references of a configuration, once for each list. */
export function referenceSpecs(references: readonly NameBackReferences[]): ReferenceSpecs {
  const known = compiledLists.get(references);
  if (known) return known;
  const all = references.flatMap(({ fieldSpecs, ...target }) =>
    compileSpecs(fieldSpecs).all.map((compiled) => ({ target, compiled })),
  );
  const specs = {
    forKind: rememberedByKind((gvk) => all.filter(({ compiled }) => isSelected(gvk, compiled.spec))),
  };
  compiledLists.set(references, specs);
  return specs;
}
