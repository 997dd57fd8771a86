import type { LocatedError } from '@meridian/fleet';
import type { KustomizationFields } from './kustomization-fields.ts';
import type { Path } from './shape.ts';
import type { Place, Profile } from './step.ts';

const patchOptions: ReadonlySet<string> = new Set(['allowNameChange', 'allowKindChange']);

/** Fields that one version of kustomize takes and the other refuses as unknown. */
export function fieldsOutOfProfile(
  fields: KustomizationFields,
  profile: Profile,
  at: (...path: Path) => Place,
): LocatedError[] {
  const paths = profile === '5.5' ? newerFields(fields) : unknownOptions(fields);
  return paths.map((path) => {
    const place = at(...path);
    const message = `kustomize ${profile} has no field ${place.field ?? ''}`;
    return {
      ...place,
      message,
      fix: profile === '5.5' ? 'remove it, or build as kustomize 5.8 does' : 'remove it',
    };
  });
}

function newerFields({ labels = [], replacements = [] }: KustomizationFields): Path[] {
  return [
    ...labels.flatMap(({ includeVolumeClaimTemplates }, index): Path[] =>
      includeVolumeClaimTemplates === undefined ? [] : [['labels', index, 'includeVolumeClaimTemplates']],
    ),
    ...replacements.flatMap(({ sourceValue }, index): Path[] =>
      sourceValue === undefined ? [] : [['replacements', index, 'sourceValue']],
    ),
  ];
}

/** Until 5.8 any option of a patch was taken and passed over. */
function unknownOptions({ patches = [], patchesJson6902 = [] }: KustomizationFields): Path[] {
  const unknownIn = (field: string, list: typeof patches): Path[] =>
    list.flatMap(({ options = {} }, index) =>
      Object.keys(options)
        .filter((option) => !patchOptions.has(option))
        .map((option) => [field, index, 'options', option]),
    );
  return [...unknownIn('patches', patches), ...unknownIn('patchesJson6902', patchesJson6902)];
}
