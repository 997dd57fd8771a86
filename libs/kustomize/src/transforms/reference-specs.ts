import { isSelected, type NameBackReferences } from '../config/field-spec.ts';
import type { Gvk } from '../resources/id.ts';
import { compileSpecs, rememberedByKind, type CompiledSpec } from './field-spec.ts';
import { SpecTree } from './spec-tree.ts';

/** A field in which objects of a kind may name objects of another kind. */
export interface ReferenceSpec {
  readonly target: Gvk;
  readonly compiled: CompiledSpec;
}

/** The reference fields of objects of one kind, by target in the order of the configuration. */
export interface KindReferences {
  readonly specs: readonly ReferenceSpec[];
  readonly tree: SpecTree;
}

/** All reference fields of a configuration, made ready for use. */
export interface ReferenceSpecs {
  readonly forKind: (gvk: Gvk) => KindReferences;
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
    forKind: rememberedByKind((gvk): KindReferences => {
      const ofKind = all.filter(({ compiled }) => isSelected(gvk, compiled.spec));
      return { specs: ofKind, tree: new SpecTree(ofKind.map(({ compiled }) => compiled)) };
    }),
  };
  compiledLists.set(references, specs);
  return specs;
}
