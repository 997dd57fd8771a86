/** What goes wrong while a rule is evaluated, in cel-go's words. */
export class CelFault extends Error {}

/** How functions are made known to rules. */
export type Register = (signature: string, handler: (...given: never[]) => unknown) => void;
