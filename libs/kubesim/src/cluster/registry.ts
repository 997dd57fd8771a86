import { apiVersionOf } from '../kube-object.ts';
import type { GroupVersionKind } from '../kube-object.ts';
import type { KindRules } from '../kinds/kind-rules.ts';
import { rulesOf } from '../kinds/rules.ts';
import type { FilledColumn } from '../printers/custom-columns.ts';
import type { Column } from '../printers/table.ts';
import type { Catalog } from '../schema/catalog.ts';
import { groupResource } from '../schema/resource.ts';
import type { Resource } from '../schema/resource.ts';
import type { Schema } from '../schema/schema.ts';

/** A custom kind in one version, with its rules. */
export interface CustomResource {
  readonly resource: Resource;
  readonly rules: KindRules;
  /** What its tables show. */
  readonly columns: readonly FilledColumn[];
}

/** A custom kind as it is served. */
interface ServedKind extends CustomResource {
  /** What everybody who asks for the version is warned of. */
  readonly warning?: string;
  /** Aborted when the kind is served no more, or in another way. */
  readonly retirement: AbortController;
}

/** What one cluster serves: the built-in resources and those of its custom resource definitions. */
export class Registry {
  readonly catalog: Catalog;
  readonly #byPath = new Map<string, Resource>();
  readonly #custom = new Map<string, ServedKind>();

  constructor(catalog: Catalog) {
    this.catalog = catalog;
    for (const resource of catalog.resources) this.#byPath.set(pathOf(resource), resource);
  }

  /** The resource at a path of the API, undefined when none is served there. */
  find(group: string, version: string, name: string): Resource | undefined {
    const path = `${apiVersionOf(group, version)}/${name}`;
    return this.#custom.get(path)?.resource ?? this.#byPath.get(path);
  }

  /** A served resource by its group resource: `deployments.apps`. */
  findStored(name: string): Resource | undefined {
    return this.all().find((resource) => groupResource(resource) === name);
  }

  /** Everything served, custom kinds last. */
  all(): readonly Resource[] {
    return [...this.#byPath.values(), ...this.custom()];
  }

  /** Custom kinds, in the order in which they came. */
  custom(): readonly Resource[] {
    return [...this.#custom.values()].map(({ resource }) => resource);
  }

  /** Replaces the custom kinds of a group resource by what its definition serves now. */
  setCustom(name: string, served: readonly (CustomResource & { readonly warning?: string })[]): void {
    const retired = [...this.#custom].filter(([, { resource }]) => groupResource(resource) === name);
    for (const [path] of retired) this.#custom.delete(path);
    for (const custom of served) {
      this.#custom.set(pathOf(custom.resource), { ...custom, retirement: new AbortController() });
    }
    for (const [, { retirement }] of retired) retirement.abort();
  }

  /** Aborts when a custom kind is served no more, or in another way; undefined for built-in kinds, which always are. */
  retirementOf(resource: Resource): AbortSignal | undefined {
    return this.#custom.get(pathOf(resource))?.retirement.signal;
  }

  /** What everybody who asks for a custom kind is warned of. */
  warningOf(resource: Resource): string | undefined {
    return this.#custom.get(pathOf(resource))?.warning;
  }

  /** The rules of a resource's kind. */
  rulesOf(resource: Resource): KindRules {
    return this.#custom.get(pathOf(resource))?.rules ?? rulesOf(groupResource(resource.storage));
  }

  /** The columns of a resource's table; none when it is no built-in one. */
  columnsOf(resource: Resource): readonly Column[] {
    return this.catalog.columns[pathOf(resource)] ?? [];
  }

  /** The columns of the table of a custom kind; undefined for built-in kinds. */
  customColumnsOf(resource: Resource): readonly FilledColumn[] | undefined {
    return this.#custom.get(pathOf(resource))?.columns;
  }

  /** The type of a built-in or custom kind. */
  schemaOf(kind: GroupVersionKind): Schema | undefined {
    const custom = this.custom().find((resource) => sameKind(resource, kind));
    return custom?.schema ?? this.catalog.schemaOf(kind);
  }
}

function sameKind(a: GroupVersionKind, b: GroupVersionKind): boolean {
  return a.group === b.group && a.version === b.version && a.kind === b.kind;
}

function pathOf(resource: Resource): string {
  return `${apiVersionOf(resource.group, resource.version)}/${resource.name}`;
}
