/** The group resource of definitions. */
export const definitionsResource = 'customresourcedefinitions.apiextensions.k8s.io';

/** The finalizer by which a definition waits for its objects to go. */
export const cleanup = 'customresourcecleanup.apiextensions.k8s.io';
