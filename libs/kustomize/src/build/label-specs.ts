import { addingLooks, fieldSpec, mergeFieldSpecs, type FieldSpec } from '../config/field-spec.ts';
import { wholeSpec, type TransformerConfig } from '../config/transformer-config.ts';
import type { LabelFields } from './kustomization-fields.ts';
import type { Place } from './step.ts';
import type { Looking } from '../transforms/field-spec.ts';

const ownLabels: readonly FieldSpec[] = [fieldSpec('metadata/labels', '', true)];
const kept = new WeakMap<TransformerConfig, Map<string, readonly FieldSpec[]>>();

/**
 * Where the labels of one entry of `labels` go: its own fields, those of the configuration, and by its flags selectors,
 * templates and claims (kusttarget_configplugin.go). Entries without fields of their own share their lists.
 */
export function labelSpecs(
  label: LabelFields,
  config: TransformerConfig,
  { place, look }: Looking,
): readonly FieldSpec[] {
  const {
    fields = [],
    includeSelectors = false,
    includeTemplates = false,
    includeVolumeClaimTemplates = false,
  } = label;
  look(addingLooks(fields, config.labels) + addingLooks(fields, config.commonLabels));
  if (fields.length > 0) return merged(label, config, place);
  const key = [includeSelectors, includeTemplates, includeVolumeClaimTemplates].join();
  const lists = kept.get(config) ?? new Map<string, readonly FieldSpec[]>();
  kept.set(config, lists);
  const specs = lists.get(key) ?? merged(label, config, place);
  lists.set(key, specs);
  return specs;
}

function merged(label: LabelFields, config: TransformerConfig, place: Place): readonly FieldSpec[] {
  const { fields = [], includeSelectors, includeTemplates, includeVolumeClaimTemplates } = label;
  const specs = mergeFieldSpecs(fields.map(wholeSpec), config.labels, place);
  if (includeSelectors === true) return mergeFieldSpecs(specs, config.commonLabels, place);
  const added = [
    includeTemplates === true ? config.templateLabels : [],
    includeVolumeClaimTemplates === true ? config.volumeClaimTemplateLabels : [],
    ownLabels,
  ];
  return added.reduce((all, more) => mergeFieldSpecs(all, more, place), specs);
}
