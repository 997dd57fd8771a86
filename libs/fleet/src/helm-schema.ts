import { isJsonObject, type Json } from '@meridian/manifests';
import { z } from 'zod';
import { repoPath } from './repo-path.ts';
import type { SchemaIssue } from './schema-issue.ts';

/** Values of a chart, as they are written. */
export const helmValues = z.record(z.string(), z.json());

const version = z.string().regex(/^[A-Za-z0-9][\w.+/-]{0,252}$/);

/** `spec.source.helm`: the directory of the application holds a Helm chart. */
export const helmSchema = z
  .strictObject({
    chart: repoPath.optional().describe('Directory of the chart below path. Default: path itself.'),
    releaseName: z
      .string()
      .regex(/^[a-z0-9](?:[-a-z0-9.]{0,51}[a-z0-9])?$/)
      .optional()
      .describe('Name of the release, at most 53 characters. Default: the name of the application.'),
    valuesFiles: z
      .array(repoPath)
      .max(64)
      .optional()
      .describe(
        'Values files below path; a later one wins. {cluster.name} and {LABEL} come from the cluster, and such a file need not exist.',
      ),
    values: helmValues.optional().describe('Values that win over those of all files.'),
    kubeVersion: version
      .optional()
      .describe('Kubernetes version that the chart sees, such as v1.34.0. Default: that of helm.'),
    apiVersions: z
      .array(version)
      .max(1_000)
      .optional()
      .describe(
        'API versions that the chart sees beside those of Kubernetes, such as monitoring.coreos.com/v1.',
      ),
  })
  .describe('A Helm chart in the fleet repo, with its dependencies in charts/. Takes the place of overlays.');

/** What the schema of an Application cannot say of its chart. */
export function helmIssues(kind: string, document: Json): SchemaIssue[] {
  const spec = kind === 'Application' && isJsonObject(document) ? document['spec'] : undefined;
  const source = isJsonObject(spec) ? spec['source'] : undefined;
  if (!isJsonObject(source) || source['helm'] === undefined || source['overlays'] === undefined) return [];
  return [
    {
      path: ['spec', 'source', 'overlays'],
      message: 'spec.source has both helm and overlays',
      fix: 'remove one of the two; overlays may have charts in helmCharts of a kustomization',
    },
  ];
}
