from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0013_notifications")]

    operations = [
        migrations.CreateModel(
            name="ToldFinding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("mark", models.CharField(max_length=64, unique=True)),
                ("told_on", models.DateField(db_index=True)),
            ],
        ),
    ]
