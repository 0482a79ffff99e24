// Package beam embeds tables of any size, and makes features of pictures, by pipelines of Apache Beam: on this machine,
// or on Flink, Spark or Dataflow.
//
//	apache.Init()
//	pipeline, scope := apache.NewPipelineWithRoot()
//	opt := beam.Options{Model: "model.safetensors", Out: "z"}
//	err := beam.Embed(ctx, scope, opt, "items-1.parquet", "items-2.parquet")
//	err = beamx.Run(ctx, pipeline)
//
// The unit of work is a row group of a Parquet file, some lines of a list of pictures, or a file of another format. A
// unit becomes a shard: a Parquet file in Options.Out whose name, and whose bytes on one kind of processor, depend on
// the unit, the model and the backend alone. It is written under another name and renamed, and a note beside it says
// what it was made from. So a bundle that a runner tries again writes the same file again, two workers that do the same
// unit do no harm, and a later run of the same command goes on from the shards that are there and whole. The manifest
// names all shards, when all are done.
//
// Rows that cannot be embedded go to files of their own, with their reason. Embeddings may go to a collection of Milvus
// too. Workers load a model once a process; they and who starts the pipeline see the files under the same paths.
//
// It is a module of its own, so that nobody else builds Beam.
package beam
