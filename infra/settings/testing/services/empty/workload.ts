// A declaration that declares nothing.
export {};
