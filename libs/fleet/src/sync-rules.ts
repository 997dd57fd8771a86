import type { HealthRule } from './health-rule.ts';

/** How the objects of an application are applied where that is not as usual. What is absent is as usual. */
export interface SyncRules {
  /** Objects whose fields cannot be changed are deleted and made again, where they do not say otherwise themselves. */
  readonly replaceImmutable?: true;
  /** What the namespace of the application has besides; only with `createNamespace`. */
  readonly namespaceMetadata?: NamespaceMetadata;
  readonly retry?: RetryRules;
  /** How objects of some kinds are judged; the first rule for a kind counts. */
  readonly health?: readonly HealthRule[];
  /** Whose rights the objects are written by: `NAME` in the namespace of the application, or `NAMESPACE/NAME`. */
  readonly serviceAccount?: string;
  /** What is no drift. */
  readonly ignoreDifferences?: readonly IgnoreRule[];
  /** What is no drift is left as it is when the object is written, too. */
  readonly respectIgnoreDifferences?: true;
}

/** Fields of some objects that others may have as they like. In group, kind, namespace and name `*` stands for any text. */
export interface IgnoreRule {
  /** '' is the group of Pods. */
  readonly group: string;
  readonly kind: string;
  /** Every name unless told. */
  readonly name?: string;
  /** Every namespace unless told. */
  readonly namespace?: string;
  readonly jsonPointers?: readonly string[];
  readonly jqPathExpressions?: readonly string[];
  /** Field managers, in which `*` stands for any text: what they own in the cluster. */
  readonly managedFieldsManagers?: readonly string[];
}

/** Labels and annotations that a namespace is given. */
export interface NamespaceMetadata {
  readonly labels: { readonly [name: string]: string };
  readonly annotations: { readonly [name: string]: string };
}

/** When what has failed is tried again: later and later, and for ever. */
export interface RetryRules {
  readonly firstMs: number;
  readonly factor: number;
  readonly capMs: number;
  /** After so many tries the wait is `capMs` whatever the factor is. */
  readonly limit?: number;
}
