import { refuse } from '../refusal.ts';
import type { Gvk } from '../resources/id.ts';
import { readJsonOrYaml } from '../merge/json-text.ts';
import type { Plain } from '../values/plain.ts';
import { mergeFieldSpecs, type FieldSpec, type NameBackReferences } from './field-spec.ts';
import { mergeConfigs, noConfig, sortedConfig, type TransformerConfig } from './transformer-config.ts';

interface Mapping {
  readonly [key: string]: Plain;
}

/** How deep references from definition to definition may go; kustomize itself runs out of stack on a cycle. */
const deepest = 100;
/** How many fields one definition may have with all that it refers to; references can double with every level. */
const mostFields = 20_000;

/**
 * What a file of `crds` adds to the configuration: OpenAPI definitions by name, whose `x-kubernetes-*` marks say where
 * labels, annotations, prefixes and names of other objects are (accumulator/loadconfigfromcrds.go).
 */
export function configFromCrds(content: string, file: string): TransformerConfig {
  if (content === '') refuse({ file, message: 'the file is empty', fix: 'write OpenAPI definitions, or {}' });
  const read = readJsonOrYaml(content, file, '{');
  if ('problem' in read)
    refuse({ file, message: `the definitions cannot be read: ${read.problem}`, fix: 'correct the file' });
  const definitions = mappingOr(read.value, 'the document', file);
  const schemas = new Map(
    Object.entries(definitions).map(([name, definition]) => [
      name,
      propertiesOf(mappingOr(definition, name, file), name, file),
    ]),
  );
  let config = noConfig;
  for (const [name, properties] of schemas) {
    if (!['kind', 'apiVersion', 'metadata'].every((field) => Object.hasOwn(properties, field))) continue;
    const found = new Marks(
      { group: '', version: '', kind: name.slice(name.lastIndexOf('.') + 1) },
      schemas,
      file,
    );
    found.collect(name, []);
    config = mergeConfigs(config, found.config(), { file });
  }
  return config;
}

class Marks {
  readonly #gvk: Gvk;
  readonly #schemas: ReadonlyMap<string, Mapping>;
  readonly #file: string;
  #annotations: readonly FieldSpec[] = [];
  #labels: readonly FieldSpec[] = [];
  #prefixes: readonly FieldSpec[] = [];
  readonly #references = new Map<string, NameBackReferences>();
  #fields = 0;

  constructor(gvk: Gvk, schemas: ReadonlyMap<string, Mapping>, file: string) {
    this.#gvk = gvk;
    this.#schemas = schemas;
    this.#file = file;
  }

  config(): TransformerConfig {
    return sortedConfig({
      ...noConfig,
      commonAnnotations: this.#annotations,
      commonLabels: this.#labels,
      namePrefix: this.#prefixes,
      nameReference: [...this.#references.values()],
    });
  }

  /** Collects the marks of a definition and of those that it refers to. */
  collect(name: string, path: readonly string[]): void {
    if (path.length > deepest)
      refuse({
        file: this.#file,
        message: `the definition ${name} refers to itself`,
        fix: 'break the cycle of $ref',
      });
    for (const [key, property] of Object.entries(this.#schemas.get(name) ?? {})) {
      const schema = mappingOr(property, key, this.#file);
      const at = [...path, key];
      this.#count(name);
      this.#mark(schema, at);
      const reference = textIn(schema, '$ref');
      if (reference !== undefined) this.collect(reference, at);
    }
  }

  #count(name: string): void {
    this.#fields += 1;
    if (this.#fields <= mostFields) return;
    refuse({
      file: this.#file,
      message: `the definition of ${this.#gvk.kind} has more than ${mostFields} fields with all that it refers to`,
      fix: `refer to ${name} less often`,
    });
  }

  #mark(schema: Mapping, path: readonly string[]): void {
    const marked = (mark: string, specs: readonly FieldSpec[]): readonly FieldSpec[] =>
      textIn(schema, mark) === undefined ? specs : this.#added(specs, path);
    this.#annotations = marked('x-kubernetes-annotation', this.#annotations);
    this.#labels = marked('x-kubernetes-label-selector', this.#labels);
    this.#prefixes = marked('x-kubernetes-identity', this.#prefixes);
    const version = textIn(schema, 'x-kubernetes-object-ref-api-version');
    const kind = textIn(schema, 'x-kubernetes-object-ref-kind');
    if (version === undefined || kind === undefined) return;
    const nameKey = textIn(schema, 'x-kubernetes-object-ref-name-key') ?? 'name';
    const before = this.#references.get(`${version} ${kind}`)?.fieldSpecs ?? [];
    const fieldSpecs = this.#added(before, [...path, nameKey]);
    this.#references.set(`${version} ${kind}`, { group: '', version, kind, fieldSpecs });
  }

  #added(specs: readonly FieldSpec[], path: readonly string[]): readonly FieldSpec[] {
    const spec = { ...this.#gvk, path: path.join('/'), create: false };
    return mergeFieldSpecs(specs, [spec], { file: this.#file });
  }
}

function propertiesOf(definition: Mapping, name: string, file: string): Mapping {
  const { properties = null } = mappingOr(fieldIn(definition, 'schema'), `Schema of ${name}`, file);
  return mappingOr(properties, `properties of ${name}`, file);
}

/** A field whatever the case of its name, as encoding/json finds it; inside of a schema names are exact. */
function fieldIn(mapping: Mapping, name: string): Plain {
  const key = Object.keys(mapping).find((each) => each.toLowerCase() === name.toLowerCase());
  return key === undefined ? null : (mapping[key] ?? null);
}

function textIn(mapping: Mapping, name: string): string | undefined {
  const value = Object.hasOwn(mapping, name) ? mapping[name] : undefined;
  return typeof value === 'string' ? value : undefined;
}

function mappingOr(value: Plain, what: string, file: string): Mapping {
  if (value === null) return {};
  if (isMapping(value)) return value;
  refuse({ file, message: `${what} must be a mapping`, fix: 'write OpenAPI definitions by name' });
}

function isMapping(value: Plain): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
