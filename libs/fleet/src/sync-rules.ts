/** How the objects of an application are applied where that is not as usual. What is absent is as usual. */
export interface SyncRules {
  /** Objects whose fields cannot be changed are deleted and made again, where they do not say otherwise themselves. */
  readonly replaceImmutable?: true;
  /** What the namespace of the application has besides; only with `createNamespace`. */
  readonly namespaceMetadata?: NamespaceMetadata;
  readonly retry?: RetryRules;
  /** Whose rights the objects are written by: `NAME` in the namespace of the application, or `NAMESPACE/NAME`. */
  readonly serviceAccount?: string;
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
