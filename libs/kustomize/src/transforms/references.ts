import type { Resources } from '../build/step.ts';
import type { NameBackReferences } from '../config/field-spec.ts';
import { refuse } from '../refusal.ts';
import { effectiveNamespace, idText, noNamespace, type Gvk, type Id } from '../resources/id.ts';
import { idOf, originalIdOf, type Resource } from '../resources/resource.ts';
import { isClusterScoped } from '../resources/scope.ts';
import { isQuoted } from '../values/quotes.ts';
import {
  fieldOf,
  isFields,
  isList,
  isNull,
  isScalar,
  mapItems,
  textOf,
  withField,
  type Fields,
  type Value,
} from '../values/value.ts';
import { changeFields, FieldError, type CompiledSpec, type Looking } from './field-spec.ts';
import { specReaches, type FieldWay } from './field-way.ts';
import { isIn, ReferenceIndex, wasIn, type Reach } from './reference-index.ts';
import { referenceSpecs, type ReferenceSpecs } from './reference-specs.ts';
import { AmbiguousReference, referralOf } from './referral.ts';
import { foundText, rewritten } from './scalars.ts';

/**
 * Points every reference at the present name of the object that it meant. An object is found by any name that it had; a
 * reference that finds nothing stays, one that may mean objects of different names is refused. `named` are the objects that
 * may be meant, when `resources` are only some of them.
 */
export function applyReferences(
  resources: Resources,
  references: readonly NameBackReferences[],
  looking: Looking,
  named: Resources = resources,
): Resources {
  const index = new ReferenceIndex(named);
  const specs = referenceSpecs(references);
  let isChanged = false;
  const changed = resources.map((resource) => {
    const after = new Referrer(resource, index, looking).pointed(specs);
    isChanged ||= after !== resource;
    return after;
  });
  return isChanged ? changed : resources;
}

/** Whether following the references of an object may read or change one of some fields. */
export function referencesReach(
  ways: readonly FieldWay[],
  references: readonly NameBackReferences[],
  resource: Resource,
): boolean {
  const isAboutBinding = ways.some(([first = '']) => readOfBindings.includes(first));
  const { specs } = referenceSpecs(references).forKind(originalIdOf(resource));
  return isAboutBinding || specs.some(({ compiled }) => specReaches(ways, compiled));
}

/** What is read of bindings beside the references themselves: whom they may name, and the kind of their role. */
const readOfBindings: readonly string[] = ['subjects', 'roleRef'];

/** One object while its references are followed. */
class Referrer {
  #resource: Resource;
  readonly #id: Id;
  readonly #original: Gvk;
  readonly #index: ReferenceIndex;
  readonly #looking: Looking;
  #reach: Reach | undefined;
  /** A reference was given a namespace that it did not have, in which other specs may find something. */
  #hasNewFields = false;

  constructor(resource: Resource, index: ReferenceIndex, looking: Looking) {
    this.#resource = resource;
    this.#id = idOf(resource);
    this.#original = originalIdOf(resource);
    this.#index = index;
    this.#looking = looking;
  }

  /** The object with all references followed, for one kind of target after the other. */
  pointed(all: ReferenceSpecs): Resource {
    const { specs, tree } = all.forKind(this.#original);
    this.#looking.look(specs.length);
    if (specs.length > 0) this.#checkVersion();
    // What is wrong with the subjects of a binding is told even if nothing else is to be done.
    if (specs.length > 0 && this.#id.kind === 'RoleBinding') this.#reach = this.#reachOf();
    let next = 0;
    do {
      this.#hasNewFields = false;
      for (const position of tree.present(this.#resource.fields)) {
        const spec = position < next || this.#hasNewFields ? undefined : specs[position];
        if (!spec) continue;
        this.#follow(spec.target, spec.compiled);
        next = position + 1;
      }
    } while (this.#hasNewFields);
    return this.#resource;
  }

  /**
   * Kustomize holds the text that is written against what it took it for, and then does not know its own object: a null, which
   * it took for no text, and a group without a name.
   */
  #checkVersion(): void {
    const apiVersion = fieldOf(this.#resource.fields, 'apiVersion');
    if (apiVersion === undefined || !isScalar(apiVersion)) return;
    const isLostNull = isNull(apiVersion) && this.#id.version !== '';
    if (!isLostNull && !textOf(apiVersion).startsWith('/')) return;
    refuse({
      ...this.#resource.origin,
      field: 'apiVersion',
      message: `the apiVersion of ${idText(this.#id)} is ${isLostNull ? 'null' : `"${textOf(apiVersion)}"`}`,
      fix: 'write an apiVersion, such as apps/v1',
    });
  }

  #follow(target: Gvk, compiled: CompiledSpec): void {
    this.#reach ??= this.#reachOf();
    const { path } = compiled.spec;
    const set = (value: Value = null): Value => this.#pointedField(value, { target, path });
    this.#resource = changeFields(this.#resource, [compiled], { makes: 'nothing', set }, this.#looking);
  }

  #pointedField(value: Value, field: Field): Value {
    if (isNull(value)) return value;
    if (isList(value)) return mapItems(value, (item) => this.#pointedItem(item, field));
    return isFields(value) ? this.#pointedFields(value, field) : this.#pointedText(value, field);
  }

  #pointedItem(item: Value, field: Field): Value {
    if (isList(item)) throw new FieldError('there is a list inside of a list of names');
    return this.#pointedField(item, field);
  }

  #pointedText(value: Value, field: Field): Value {
    const name = foundText(value);
    const found = this.#found(name, { ...field, candidates: this.#named(name), hasNamespace: false });
    return found === undefined || idOf(found).name === name ? value : rewritten(value, idOf(found).name);
  }

  /** A reference by name and namespace moves in both. */
  #pointedFields(fields: Fields, field: Field): Fields {
    const written = fieldOf(fields, 'name');
    if (written === undefined) throw new FieldError('a reference must have a name');
    const name = isScalar(written) ? textOf(written) : '';
    const candidates = this.#inNamespace(this.#named(name), fieldOf(fields, 'namespace'));
    const found = this.#found(name, { ...field, candidates, hasNamespace: true });
    if (found === undefined) return fields;
    const id = idOf(found);
    if (id.name === name && id.namespace === '') return fields;
    const renamed = withField(fields, 'name', rewritten(written, id.name, isQuoted(fields, 'name')));
    if (id.namespace === '') return renamed;
    const namespace = fieldOf(fields, 'namespace');
    this.#hasNewFields ||= namespace === undefined;
    return withField(
      renamed,
      'namespace',
      namespace === undefined
        ? id.namespace
        : rewritten(namespace, id.namespace, isQuoted(fields, 'namespace')),
    );
  }

  /** Objects that came from the namespace; when none in reach did, those that are in it now. */
  #inNamespace(candidates: Resources, written: Value | undefined): Resources {
    if (written === undefined) return candidates;
    const namespace = isScalar(written) ? textOf(written) : '';
    const belongs = this.#index.hasOriginalNamespace(namespace, this.#reach ?? 'everything') ? wasIn : isIn;
    return candidates.filter((each) => belongs(each, namespace));
  }

  #named(name: string): Resources {
    return this.#index.named(name, this.#reach ?? 'everything');
  }

  #found(name: string, { target, path, candidates, hasNamespace }: Search): Resource | undefined {
    if (candidates.length === 0) return undefined;
    const { fields } = this.#resource;
    try {
      return referralOf(candidates, { referrer: this.#resource, fields, target, path, hasNamespace });
    } catch (error) {
      if (!(error instanceof AmbiguousReference)) throw error;
      const meant = error.candidates.map((each) => idText(idOf(each))).join(' or ');
      refuse({
        ...this.#resource.origin,
        message: `${idText(this.#id)} names the ${target.kind} ${name} in ${path}, which may be ${meant}`,
        fix: 'give the objects distinct names before they are renamed',
      });
    }
  }

  /** Which objects may be named (resmap SubsetThatCouldBeReferencedByResource). */
  #reachOf(): Reach {
    if (isClusterScoped(this.#id)) return 'everything';
    const reach = new Set([this.#id.namespace, noNamespace]);
    // A namespace that is not said is the one that is called default.
    if (effectiveNamespace(this.#id) === 'default') reach.add('').add('default');
    if (this.#id.kind === 'RoleBinding')
      for (const namespace of this.#accountNamespaces()) reach.add(namespace);
    return reach;
  }

  #accountNamespaces(): readonly string[] {
    const subjects = fieldOf(this.#resource.fields, 'subjects');
    return (isList(subjects) ? subjects : []).flatMap((subject) => {
      if (!isFields(subject)) this.#refuseSubject('is no mapping');
      const namespace = fieldOf(subject, 'namespace');
      if (namespace === undefined || this.#kindOf(subject) !== 'ServiceAccount') return [];
      return typeof namespace === 'string'
        ? [namespace]
        : this.#refuseSubject('has a namespace that is no text');
    });
  }

  /** Kustomize crashes on a kind that is there and no text. */
  #kindOf(subject: Fields): string | undefined {
    const kind = fieldOf(subject, 'kind');
    return kind === undefined || typeof kind === 'string'
      ? kind
      : this.#refuseSubject('has a kind that is no text');
  }

  #refuseSubject(problem: string): never {
    refuse({
      ...this.#resource.origin,
      field: 'subjects',
      message: `a subject of ${idText(this.#id)} ${problem}`,
      fix: 'write kind, name and namespace of a subject as text',
    });
  }
}

interface Field {
  readonly target: Gvk;
  readonly path: string;
}

interface Search extends Field {
  readonly candidates: Resources;
  readonly hasNamespace: boolean;
}
