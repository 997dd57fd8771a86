import { draftOf } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { typeErrors } from '../merge/type-errors.ts';
import { UntypedObject } from '../merge/typed.ts';
import type { CustomRules } from './custom-rules.ts';
import { metadataType } from './custom-version.ts';
import type { CustomVersion } from './custom-version.ts';
import { decodeCustom } from './decode-custom.ts';
import { setCustomDefaults } from './default-custom.ts';
import { coerceMetadata, coerceResources } from './metadata-of-custom.ts';
import { pruneNulls, pruneUnknown } from './prune-custom.ts';

/** How objects of one version of a kind are read, and go to and from storage and its other versions. */
export function versionRules(version: CustomVersion, versions: readonly CustomVersion[]): CustomRules {
  const byName = new Map(versions.map((each) => [each.apiVersion, each]));
  const storage = versions.find(({ isStorage }) => isStorage) ?? version;
  const shown = new WeakMap<KubeObject, KubeObject>();
  return {
    decode: (given) => decodeCustom(given, version),
    fromStorage(object) {
      const known = shown.get(object) ?? readStored(object, byName, version);
      // What was read is not read again: it may be in a version with other defaults.
      shown.set(object, known).set(known, known);
      return known;
    },
    toStorage: (object) => convert(object, storage),
    inVersion(object, apiVersion) {
      const wanted = byName.get(apiVersion);
      return wanted === undefined ? undefined : renamed(object, wanted);
    },
    schemaIn: (apiVersion) => byName.get(apiVersion)?.type,
    scale: version.scale,
    replicaPaths: Object.fromEntries(
      versions.flatMap(({ apiVersion, scale }) =>
        scale === undefined ? [] : [[apiVersion, scale.specReplicas.replace(/^\./, '')]],
      ),
    ),
  };
}

/** What is stored is read by the schema of its own version as that is now, defaults included, then shown in another. */
function readStored(
  object: KubeObject,
  versions: ReadonlyMap<string, CustomVersion>,
  version: CustomVersion,
): KubeObject {
  const stored = versions.get(object.apiVersion);
  if (stored === undefined) return convert(object, version);
  const draft = convert(object, stored);
  setCustomDefaults(draft, stored.schema);
  return stored === version ? draft : convert(draft, version);
}

/** The object as if it had been made in a version. Throws UntypedObject when that does not have all of its fields. */
function renamed(object: KubeObject, { apiVersion, type }: CustomVersion): KubeObject {
  const errors = typeErrors(object, type, 'allowed');
  if (errors !== undefined) throw new UntypedObject(errors);
  return { ...object, apiVersion };
}

/** A copy in a version, without what that does not know; metadata is written as Go writes it. */
function convert(object: KubeObject, { apiVersion, schema }: CustomVersion): KubeObject {
  const draft: JsonObject = draftOf<JsonObject>(object);
  pruneUnknown(draft, schema);
  pruneNulls(draft, schema);
  coerceResources(draft, { ...schema, isResource: false }, metadataType());
  const metadata = coerceMetadata(object.metadata, metadataType());
  return {
    ...draft,
    apiVersion,
    kind: object.kind,
    metadata: metadata.ok ? metadata.metadata : object.metadata,
  };
}
