import { refuse } from '../refusal.ts';
import { idKey, idText } from '../resources/id.ts';
import { idOf, withFields, type Resource } from '../resources/resource.ts';
import { equalValues, fieldOf, isFields, withField, withoutField, type Fields } from '../values/value.ts';
import { transformerOf } from './plugin-transformers.ts';
import { pluginsIn } from './plugins.ts';
import type { Place, Resources } from './step.ts';
import type { Target } from './target.ts';

/** Runs the validators of a target: transformers that must leave everything as it is (kusttarget.go, runValidators). */
export function checkValidators(target: Target, resources: Resources): void {
  for (const plugin of pluginsIn(target, 'validators')) {
    refuseSameIds(resources, plugin.place);
    const after = transformerOf(target, plugin).run(resources).map(withoutMark);
    const changed = resources.find((each, index) => !equalValues(each.fields, after[index]?.fields));
    if (!changed && after.length === resources.length) continue;
    const what = changed ? idText(idOf(changed)) : 'the number of objects';
    refuse({
      ...plugin.place,
      message: `the validator ${plugin.kind} changes ${what}`,
      fix: 'list it under transformers',
    });
  }
}

/** Kustomize compares what was there before and after a validator by id. */
function refuseSameIds(resources: Resources, place: Place): void {
  const seen = new Set<string>();
  for (const resource of resources) {
    const id = idOf(resource);
    if (seen.has(idKey(id)))
      refuse({
        ...place,
        message: `there are several objects ${idText(id)}, which no validator can tell apart`,
        fix: 'give each a name of its own',
      });
    seen.add(idKey(id));
  }
}

/** A validator may say by a label that it was there. */
function withoutMark(resource: Resource): Resource {
  const metadata = fieldOf(resource.fields, 'metadata');
  const labels = isFields(metadata) ? fieldOf(metadata, 'labels') : undefined;
  if (!isFields(metadata) || !isFields(labels) || !Object.hasOwn(labels, 'validated-by')) return resource;
  const rest: Fields = withoutField(labels, 'validated-by');
  const after =
    Object.keys(rest).length === 0 ? withoutField(metadata, 'labels') : withField(metadata, 'labels', rest);
  return withFields(resource, withField(resource.fields, 'metadata', after));
}
