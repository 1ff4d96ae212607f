/**
 * Lists as people manage them: what a list means, and what a change to it does.
 *
 * @packageDocumentation
 */

export type { AddressSet } from './address-set.ts';
export type { AddressChange } from './compare-policies.ts';
export { comparePolicies } from './compare-policies.ts';
export type { AffectedClient, Impact, ImpactOptions, Outcome } from './impact.ts';
export { impactOf } from './impact.ts';
export type { MinimizeOptions } from './minimize.ts';
export { minimize } from './minimize.ts';
