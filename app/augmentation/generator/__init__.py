"""The former place of `app.keras2.image_data_generator`."""
