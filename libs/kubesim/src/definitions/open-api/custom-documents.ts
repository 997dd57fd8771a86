import { isObject } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { isTrue } from '../conditions.ts';
import { versionsOf } from '../internal-spec.ts';
import { describedKind, kindSchemas } from './kind-schemas.ts';
import type { DescribedKind } from './kind-schemas.ts';
import { pathsOf } from './operations.ts';
import type { Wording } from './operations.ts';

/** The kinds that definitions serve, by their group version: `apis/example.com/v1`. */
export function describedKinds(
  definitions: readonly KubeObject[],
): ReadonlyMap<string, readonly DescribedKind[]> {
  const found = new Map<string, DescribedKind[]>();
  for (const definition of definitions.filter((one) => isTrue(one, 'Established'))) {
    for (const version of versionsOf(definition['spec']).filter(({ served }) => served === true)) {
      const kind = describedKind(definition, version);
      const path = `apis/${kind.group}/${kind.version}`;
      found.set(path, [...(found.get(path) ?? []), kind]);
    }
  }
  return found;
}

/** The paths and schemas of kinds, as the whole document of OpenAPI 2 takes them in. */
export function partsOf(
  kinds: readonly DescribedKind[],
  wording: Wording,
): { readonly paths: JsonObject; readonly schemas: JsonObject } {
  return {
    paths: Object.assign({}, ...kinds.map((kind) => pathsOf(kind, wording))) as JsonObject,
    schemas: Object.assign({}, ...kinds.map((kind) => kindSchemas(kind, wording.openApi))) as JsonObject,
  };
}

/** The document of OpenAPI 3 of one group version. @param builtIn Schemas of the API's own types, by name. */
export function groupDocument(
  kinds: readonly DescribedKind[],
  wording: Wording,
  builtIn: JsonObject,
): JsonObject {
  const { paths, schemas } = partsOf(kinds, wording);
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes CRD Swagger', version: 'v0.1.0' },
    paths: inOrder(paths),
    components: { schemas: inOrder({ ...schemas, ...namedIn({ paths, schemas }, builtIn) }) },
  };
}

const prefix = '#/components/schemas/';

/** The built-in schemas that a value refers to, and those that they refer to. */
function namedIn(value: Json, builtIn: JsonObject): JsonObject {
  const found: JsonObject = {};
  const visit = (one: Json | undefined): void => {
    if (Array.isArray(one)) one.forEach(visit);
    if (!isObject(one)) return;
    const { $ref: reference } = one;
    const name = typeof reference === 'string' ? reference.replace(prefix, '') : '';
    if (name !== '' && found[name] === undefined && builtIn[name] !== undefined) {
      found[name] = builtIn[name];
      visit(builtIn[name]);
    }
    Object.values(one).forEach(visit);
  };
  visit(value);
  return found;
}

function inOrder(members: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1)));
}
