/** What tests of the importer share: fixtures, and ONNX files built or edited without a schema. */
package io.djlnpu.onnx.testing;
