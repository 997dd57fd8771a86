import {
  configMapShape,
  fieldSpecShape,
  imageShape,
  replacementFieldShape,
  replicaShape,
  secretShape,
  selectorShape,
} from './kustomization-fields.ts';
import { count, embeddedText, fieldsOf, flag, listOf, mapOf, text, textMap } from './shape.ts';

const fieldSpecs = listOf(fieldSpecShape);
const metadata = fieldsOf({ name: text, namespace: text });

/** How the built-in plugins are configured (api/internal/builtins). */
export const pluginShapes = {
  AnnotationsTransformer: fieldsOf({ annotations: textMap, fieldSpecs }),
  ConfigMapGenerator: { generator: configMapShape, metadata: fieldsOf({ metadata }) },
  HashTransformer: fieldsOf({}),
  IAMPolicyGenerator: fieldsOf({
    cloud: embeddedText,
    kubernetesService: fieldsOf({ name: embeddedText, namespace: embeddedText }),
    serviceAccount: fieldsOf({ name: embeddedText, projectId: embeddedText }),
  }),
  ImageTagTransformer: fieldsOf({ imageTag: imageShape, fieldSpecs }),
  LabelTransformer: fieldsOf({ labels: textMap, fieldSpecs }),
  NamespaceTransformer: fieldsOf({ metadata, fieldSpecs, unsetOnly: flag, setRoleBindingSubjects: text }),
  PatchJson6902Transformer: fieldsOf({ target: selectorShape, path: text, jsonOp: text }),
  PatchStrategicMergeTransformer: fieldsOf({ paths: listOf(text), patches: text }),
  PatchTransformer: fieldsOf({ path: text, patch: text, target: selectorShape, options: mapOf(flag) }),
  PrefixTransformer: fieldsOf({ prefix: text, fieldSpecs }),
  ReplacementTransformer: fieldsOf({ replacements: listOf(replacementFieldShape) }),
  ReplicaCountTransformer: fieldsOf({ replica: replicaShape, fieldSpecs }),
  SecretGenerator: { generator: secretShape, metadata: fieldsOf({ metadata }) },
  SuffixTransformer: fieldsOf({ suffix: text, fieldSpecs }),
  ValueAddTransformer: fieldsOf({
    value: text,
    targets: listOf(fieldsOf({ selector: selectorShape, fieldPath: text, filePathPosition: count })),
    targetFilePath: text,
  }),
};
