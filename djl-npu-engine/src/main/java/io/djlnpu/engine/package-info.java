/** The engine as DJL finds it: provider, engine, and what they load. */
package io.djlnpu.engine;
